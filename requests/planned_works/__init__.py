"""Planned works: announced in advance, with the notice period that the law or the landlord sets."""
