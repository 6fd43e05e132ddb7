"""Figures for other tools: SQL views without a person in them, the same by API and by file."""
