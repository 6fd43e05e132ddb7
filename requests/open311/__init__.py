"""Open311 GeoReport v2: anybody may report faults of common parts, never of dwellings."""
