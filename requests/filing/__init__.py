"""How a claim comes in: one `Filing`, one transaction, whatever the channel."""
