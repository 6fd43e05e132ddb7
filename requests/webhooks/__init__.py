"""Tell other systems of events: signed, thin, delivered at least once (Standard Webhooks 1.0)."""
