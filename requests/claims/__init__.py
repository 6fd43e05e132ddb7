"""The claim, its events and messages, its transition table, and who may see it."""
