"""Readers of the files that describe a landlord's stock and its tenants.

Pure Python: every reader takes a :class:`~agencies.imports.reading.Table` and yields frozen
rows or :class:`~agencies.imports.reading.Reject`; writing to the database is somebody else's.
"""
