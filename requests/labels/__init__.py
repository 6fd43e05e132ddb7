"""Short marks that staff put on claims, chosen from the landlord's own list."""
