"""The connection to PostgreSQL, and the roles that connect (docs/adr/0032-database-roles.md)."""
