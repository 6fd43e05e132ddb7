"""What was said about a claim, by whom, through which channel."""
