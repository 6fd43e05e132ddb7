"""Dates and times as French and British readers write them."""
