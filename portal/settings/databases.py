"""Who connects to PostgreSQL: the application, and its owner where that is known."""

import os
from urllib.parse import parse_qs, unquote, urlparse

__all__ = [
    "DATABASE_ROUTERS",
    "PALIER_DATABASE_DIRECT",
    "PALIER_DATABASE_OWNER",
    "PALIER_DATABASE_ROLES",
    "PALIER_ROW_SECURITY",
    "database_from_url",
    "databases",
    "database_owner",
]


def database_from_url(url: str) -> dict:
    """Turn ``postgresql://user:password@host:port/name?host=/socket`` into Django's dict."""
    parts = urlparse(url)
    query = parse_qs(parts.query)
    return {
        "ENGINE": "portal.database",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", [parts.hostname or ""])[0],
        "PORT": str(query.get("port", [parts.port or ""])[0]),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }


def databases() -> dict[str, dict]:
    """Return the databases of DATABASE_URL and, where it is given, DATABASE_REPLICA_URL."""
    found = {"default": database_from_url(os.environ["DATABASE_URL"])}
    if replica := _given("DATABASE_REPLICA_URL"):
        found["replica"] = replica | {"TEST": {"MIRROR": "default"}}
    return found


def _given(variable: str) -> dict:
    url = os.environ.get(variable)
    return database_from_url(url) if url else {}


def database_owner() -> dict:
    """Return who owns the tables, for `manage.py migrate` where DATABASE_URL is the application's.

    {} where DATABASE_OWNER_URL is not given: then DATABASE_URL does everything.
    """
    return _given("DATABASE_OWNER_URL")


PALIER_DATABASE_OWNER = database_owner()
# Where DATABASE_URL leads to a pooler: the way past it, for backups (portal/database/pooler.py).
PALIER_DATABASE_DIRECT = _given("DATABASE_DIRECT_URL")
# The roles are called <prefix>_owner, _app, _read and _audit: a cluster may hold two portals.
PALIER_DATABASE_ROLES = os.environ.get("PALIER_DATABASE_ROLES", "palier")
# The module with the row-level policy of each personal table (portal/database/row_security.py).
PALIER_ROW_SECURITY = "requests.row_policies"
DATABASE_ROUTERS = ["portal.database.readers.Router"]
