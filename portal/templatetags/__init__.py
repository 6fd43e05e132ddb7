"""Template filters every screen shares."""
