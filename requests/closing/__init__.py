"""The end of a claim: the tenant's confirmation, dated attempts to get it, feedback and proof."""
