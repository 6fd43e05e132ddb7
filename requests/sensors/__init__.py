"""Sensors on equipment: their readings open at most one claim per fault until it is over."""
