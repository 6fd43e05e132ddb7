"""Who handles a claim, how a desk shares its work, absences, help between units."""
