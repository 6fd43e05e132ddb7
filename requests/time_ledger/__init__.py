"""What each screen costs: fields filled and minutes, reckoned from events, never by person."""
