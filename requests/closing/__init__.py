"""How a claim ends: the tenant says so, or dated attempts to ask; satisfaction and proof."""
