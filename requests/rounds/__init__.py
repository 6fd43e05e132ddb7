"""The caretaker's round on a phone, usable offline, and what agencies decide about it."""
