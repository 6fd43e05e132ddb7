"""Equipment: its log, its hours in service, its maintenance and corrections of its record."""
