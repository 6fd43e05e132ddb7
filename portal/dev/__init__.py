"""What only development, the demo and the tests use: services, catchers, supervisor, browser."""
