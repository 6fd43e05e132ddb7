"""Identity: recognising callers, merging duplicate records, and proxies with their mandates."""
