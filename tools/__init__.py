"""What `make` runs around the code: audit, bill of materials, pinned images."""
