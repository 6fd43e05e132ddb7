"""An invented landlord for demonstration: deterministic, and nothing in it is real."""
