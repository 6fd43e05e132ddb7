"""The log of a machine: what was reported, ordered, visited and corrected."""
