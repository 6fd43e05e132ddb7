"""Data protection: what is personal, how long it stays, what persons ask for and get."""
