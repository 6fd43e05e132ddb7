"""Read mail from bytes: structure, characters, quotes, bounces, trust. Pure."""
