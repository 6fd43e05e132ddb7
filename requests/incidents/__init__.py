"""Collective incidents: one fault that affects many households."""
