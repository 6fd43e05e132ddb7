"""Rules that agencies own."""
