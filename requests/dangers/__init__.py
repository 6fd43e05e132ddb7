"""What may be a danger: a claim of its own at once, and people rung by the ladder of the unit."""
