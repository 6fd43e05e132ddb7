"""Turn what arrives into an entry of its conversation, a new claim, or a task for a person."""
