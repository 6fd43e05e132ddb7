"""Check the health of a container; exit 0 or 1.

`python -m portal.probe web|worker|sender|beat|mailboxes|sensors`

The web must answer; the others must have written their pulse in the last two minutes. Any
worker's pulse counts for all: a stuck one shows in `/readyz` and in the technical follow-up.
"""

import os
import sys
import urllib.request

LIMIT = 120  # seconds


def web(port: int = 8000) -> bool:
    """Return whether `/healthz` answers, asked as the proxy in front would."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".")
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/healthz", headers={"Host": host, "X-Forwarded-Proto": "https"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=3) as answer:
            return answer.status == 200
    except OSError:
        return False


def pulse(name: str) -> bool:
    """Return whether ``name`` wrote its pulse lately, on the database's clock."""
    import django

    django.setup()
    from datetime import timedelta

    from django.db import Error
    from django.db.models.functions import Now

    from portal.models import Pulse

    recent = Now() - timedelta(seconds=LIMIT)
    try:
        return Pulse.objects.filter(name=name, at__gte=recent).exists()
    except Error:
        return False


def main(arguments: list[str]) -> int:
    known = ("web", "worker", "sender", "beat", "mailboxes", "sensors")
    if len(arguments) != 1 or arguments[0] not in known:
        print(f"usage: python -m portal.probe {'|'.join(known)}", file=sys.stderr)
        return 2
    fine = web() if arguments == ["web"] else pulse(arguments[0])
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
