"""Readers of the files that describe a landlord's stock and its tenants.

Pure Python: every reader takes a :class:`~agencies.imports.tables.Table` and yields frozen rows
or :class:`~agencies.imports.tables.Reject`. Writing to the database is not their task.
"""
