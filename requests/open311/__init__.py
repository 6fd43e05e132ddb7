"""Open311 GeoReport v2: faults of common parts, for cities and applications; never a dwelling."""
