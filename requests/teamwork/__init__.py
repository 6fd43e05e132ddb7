"""Who has a claim in hand, how a desk shares its work, absences, help between units."""
