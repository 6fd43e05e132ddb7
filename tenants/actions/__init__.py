"""What changes the people's records."""
