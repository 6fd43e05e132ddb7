"""The audit trail: rows that are only added, their chain, and erasures that keep it (T16)."""
