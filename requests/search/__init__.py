"""One search over people, places, claims, equipment, orders and pages."""
