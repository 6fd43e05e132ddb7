"""Complaints about the service in two stages, and demands that start a legal clock."""
