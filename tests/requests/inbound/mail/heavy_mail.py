"""Fetch and read what lies in the mailboxes, and say what memory it took.

``python -m tests.requests.inbound.mail.heavy_mail`` in an environment that names the database. It
works once through what is there, says "ready" and waits for a line, then works again and writes
JSON: ``own``, the most memory in MB beyond what the process had when it was ready.
"""

import json
import os
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def megabytes(name: str) -> float:
    """Return one figure of this process."""
    line = next(row for row in STATUS.read_text().splitlines() if row.startswith(name))
    return int(line.split()[1]) / 1024


def forget_the_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def work() -> None:
    """Fetch what is new in every mailbox and read it."""
    from portal.clock import now
    from requests.inbound import imap, reader
    from requests.jobs import queue
    from requests.jobs.models import Job

    imap.poll(now)
    queue.drain({Job.Kind.INTAKE: reader.work}, now, seconds=60)


def main() -> None:
    """Work twice; measure the second time."""
    import django

    django.setup()
    from django.db import connection

    from requests import tasks  # noqa: F401 (what a worker has in its memory)

    work()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        print("ready", cursor.fetchone()[0], flush=True)
    sys.stdin.readline()
    forget_the_peak()
    before = megabytes("VmHWM")
    work()
    print(json.dumps({"own": megabytes("VmHWM") - before}))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")
    main()
