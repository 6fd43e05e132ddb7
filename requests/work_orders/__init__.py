"""Orders to contractors, their visits, offered dates and documents."""
