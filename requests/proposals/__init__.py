"""Proposals of the next step of a claim, with the exact text that would be sent."""
