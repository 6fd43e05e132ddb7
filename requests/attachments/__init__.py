"""Files that came with a claim: checked, cleaned, kept as drafts, handed out safely."""
