"""What `make` runs around the code."""
