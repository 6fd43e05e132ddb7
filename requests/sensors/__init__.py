"""Readings of sensors on equipment: at most one claim per fault until it is over."""
