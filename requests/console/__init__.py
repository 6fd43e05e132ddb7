"""The landlord's console: people, units, contracts, words and channels, without an engineer."""
