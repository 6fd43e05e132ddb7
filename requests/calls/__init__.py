"""Calls and the counter: who is it, what is open, a new claim in 45 seconds; calls to return."""
