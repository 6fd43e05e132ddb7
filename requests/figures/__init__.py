"""Figures from recorded events: each is a filter on claims and opens those it counts."""
