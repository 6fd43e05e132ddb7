"""Template filters that every screen shares."""
