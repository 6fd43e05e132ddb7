"""Technical follow-up: what waits, what failed for good, and how to end a dead letter."""
