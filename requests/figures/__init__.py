"""Figures counted from events; each is a filter on claims and opens the claims it counts."""
