"""Tenants, leases and what goes with them, from the files of the rent system."""
