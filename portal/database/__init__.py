"""The connection to PostgreSQL, and the roles that connect (docs/adr/0042-database-roles.md)."""
