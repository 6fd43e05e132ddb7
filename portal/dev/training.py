"""Keep a training landlord apart: it learns nothing of the real one and begins anew each night.

Standard library only: the supervisor uses it before anything else is loaded.
"""

import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlparse

MODULE = "portal.settings.training"
# What of our own variables a training landlord listens to. All others name somebody outside: a
# provider, a bucket, a mail server, another database.
HEARD = frozenset(
    {
        "PALIER_HOME",
        "PALIER_URL",
        "PALIER_PROXIES",
        "PALIER_SMTP",
        "PALIER_PHONES",
        "PALIER_IMAP",
        "PALIER_MAIL_SECRET_DEMO",
        "PALIER_REPLY_TO",
        "PALIER_VERSION",
    }
)
OUTSIDE = ("PALIER_", "DATABASE_", "REDIS_", "SENTRY_", "OTEL_", "POSTGRES_", "VALKEY_", "AWS_")
HERE = {"127.0.0.1", "localhost", "::1", ""}
NIGHT = 1  # o'clock UTC: nobody practises, and the real landlord's nightly work comes later
ASKED = "renew"  # the file whose existence asks for a renewal


def foreign(environ: Mapping[str, str]) -> list[str]:
    """Return the variables that a training landlord must not know.

    Addresses of databases, brokers and catchers stay where they lead to this machine.
    """
    ours = [name for name in environ if name.startswith(OUTSIDE)]
    return [name for name in ours if not (_is_heard(name) and _is_here(name, environ[name]))]


def _is_heard(name: str) -> bool:
    return name in HEARD or name in {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"}


def _is_here(name: str, value: str) -> bool:
    if name in {"PALIER_SMTP", "PALIER_PHONES", "PALIER_IMAP"}:
        return value.rpartition(":")[0] in HERE
    if not name.startswith(("DATABASE_", "REDIS_")):
        return True
    parts = urlparse(value)
    sockets = parse_qs(parts.query).get("host", ["/"])
    return (parts.hostname or "") in HERE and all(path.startswith("/") for path in sockets)


def secret_key(home: Path) -> str:
    """Return the key that signs sessions and links, made once for each ``home``."""
    path = home / "secret_key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text()


def ask(home: Path) -> None:
    """Ask the supervisor to begin the landlord anew, within a few seconds."""
    (home / ASKED).touch()


def is_asked(home: Path) -> bool:
    """Return whether somebody asked, and nothing was done about it yet."""
    return (home / ASKED).exists()


def night_after(moment: datetime) -> datetime:
    """Return the next time, after ``moment`` (with its zone), at which the landlord is renewed."""
    at = moment.astimezone(UTC)
    night = at.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    return night if night > at else night + timedelta(days=1)


def is_training(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether this process serves a training landlord."""
    return environ.get("DJANGO_SETTINGS_MODULE") == MODULE
