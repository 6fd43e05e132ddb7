"""Measure Palier and django-helpdesk side by side: the same rows, server and moment."""
