"""Filing of claims: one `Filing`, one transaction, for every channel."""
