"""What arrives becomes an entry of its conversation, a new claim, or a task for a person."""
