"""Who serves, and what they look after: organisation, housing stock, contracts."""
