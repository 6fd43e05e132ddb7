"""Equipment: its log, its hours in service, its upkeep and corrections of its record."""
