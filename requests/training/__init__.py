"""Let people learn Palier on an invented landlord: a way in, exercises, and what was done."""
