"""The landlord's settings for a non-engineer, on Django's admin."""
