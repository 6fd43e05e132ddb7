"""Calls and the counter: find the caller, show what is open, file a claim; calls to return."""
