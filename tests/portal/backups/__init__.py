"""Backups and the way back, with real PostgreSQL."""
