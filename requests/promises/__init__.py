"""Dated promises to the tenant, their calendars and pauses, and how lateness climbs."""
