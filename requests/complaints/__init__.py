"""Complaints about the service in two stages, and formal notices with their legal deadlines."""
