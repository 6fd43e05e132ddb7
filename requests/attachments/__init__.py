"""Files of a claim: checked, cleaned, stored as drafts, served safely."""
