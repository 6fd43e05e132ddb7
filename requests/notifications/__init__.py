"""From a committed event to a message in somebody's hands, or a person told that it failed."""
