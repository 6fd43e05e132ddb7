"""What the machine proposes next for a claim, in the exact words that would go out."""
