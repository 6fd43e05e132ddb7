"""What a filing, a job, a backlog and pruning cost: processor time and memory, not delays."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

WARM = 10  # filings that fill caches before anything counts
# The least that can be done for a row of a queue.
TAKE = """
SELECT id FROM requests_job WHERE done_at IS NULL AND attempts < 8 AND priority = 20
    AND next_at <= statement_timestamp() ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"""
DONE = "UPDATE requests_job SET done_at = statement_timestamp() WHERE id = %s"


def memory(pid: int) -> float:
    """Return the memory of a process that nobody else uses, in MB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Private_Dirty:"):
            return int(line.split()[1]) / 1024
    return 0.0


def file_one(key: str, home: int, tenant: str) -> None:
    from portal.actor import Actor
    from portal.clock import now
    from requests.filing.actions import Filing, file_claim

    file_claim(
        Filing(
            channel="web",
            key=key,
            category="PLO-03",
            words="L’eau coule sous l’évier depuis ce matin.",
            dwelling=home,
            tenant=tenant,
            contact_email="awa@example.test",
        ),
        actor=Actor.tenant(),
        now=now(),
    )


def somebody() -> tuple[int, str]:
    """Return a home and who lives there."""
    from tenants.models import Occupancy

    rows = Occupancy.objects.system("benchmark").filter(ends__isnull=True)
    home, tenant = rows.values_list("lease__dwelling", "tenant").order_by("pk")[0]
    return home, str(tenant)


def no_work_left() -> None:
    """Take away what waits, so that only what a measure adds is worked."""
    from requests.jobs.models import Job

    Job.objects.filter(done_at__isnull=True).delete()


def spent(run: Callable[[], Any]) -> tuple[float, float]:
    """Run once; return milliseconds of processor of this process and of its PostgreSQL."""
    from django.db import connection

    from benchmarks.peer import costs

    connection.ensure_connection()
    connection.close_at = None  # the process of PostgreSQL must stay the same
    told = costs.of(run, connection.connection.info.backend_pid)
    return told["python"], told["database"]


def cost(number: int) -> dict[str, Any]:
    """Return what each part of a filing costs this process, without the database's own work."""
    from portal.clock import now
    from requests.jobs import queue
    from requests.jobs.wake import sparingly
    from requests.tasks import HANDLERS

    parts: dict[str, float] = {}
    counted: dict[str, int] = {}

    def timed(name: str, call):
        def run(**given):
            began = time.process_time()
            try:
                return call(**given)
            finally:
                parts[name] = parts.get(name, 0) + time.process_time() - began
                counted[name] = counted.get(name, 0) + 1

        return run

    home, tenant = somebody()
    no_work_left()
    handlers = {kind: timed(str(kind), call) for kind, call in HANDLERS.items()}
    filed = timed("file", lambda key: file_one(key, home, tenant))

    def several(first: int, last: int) -> None:
        for each in range(first, last):
            filed(key=f"cost-{each}-{time.monotonic()}")
            with sparingly():  # as a worker does
                while queue.drain(handlers, now):
                    pass  # on a busy machine the seconds of one call may be over first

    several(0, WARM)
    parts.clear()
    counted.clear()
    python, database = spent(lambda: several(WARM, WARM + number))
    return {
        "python": python / number,
        "database": database / number,
        "parts": {
            name: [seconds / number * 1e3, counted[name] / number]
            for name, seconds in sorted(parts.items(), key=lambda one: -one[1])
        },
    }


def add_jobs(number: int) -> None:
    """Write jobs that are due and do nothing."""
    from django.db.models.functions import Now

    from requests.jobs.models import Job

    no_work_left()
    rows = [
        Job(kind="renew", key=f"bench-{each}-{time.monotonic()}", next_at=Now())
        for each in range(number)
    ]
    Job.objects.bulk_create(rows)


def job(number: int) -> dict[str, Any]:
    """Return what a job that does nothing costs, leased and by a bare loop over the same rows."""
    from django.db import connection

    from portal.clock import now
    from requests.jobs import queue

    def leased() -> None:
        left = number
        while left > 0:
            left -= queue.drain({"renew": lambda key, now: None}, now)

    def bare() -> None:
        line = connection.copy()
        line.ensure_connection()
        with line.connection.cursor() as cursor:
            plain = super(type(cursor), cursor)  # past ScopedCursor
            for _ in range(number):
                plain.execute("BEGIN")
                plain.execute(TAKE)
                plain.execute(DONE, cursor.fetchone())
                plain.execute("COMMIT")
        line.close()

    found = {}
    for name, run in (("bare", bare), ("leased", leased)):
        add_jobs(number)
        run()  # warms
        add_jobs(number)
        found[name] = spent(run)[0] / number
    return found


def backlog(number: int) -> dict[str, Any]:
    """Drain ``number`` jobs that wait in one go; return the memory of the process on the way."""
    from portal.clock import now
    from requests.jobs import queue
    from requests.jobs.models import Job
    from requests.tasks import HANDLERS

    home, tenant = somebody()
    no_work_left()
    for each in range(number // 3):  # each becomes three jobs: routed, told, sent
        file_one(f"backlog-{each}-{time.monotonic()}", home, tenant)
    done, shown, began, step = 0, 0, time.process_time(), max(1, number // 10)
    held: list[tuple[int, float]] = []
    while some := queue.drain(HANDLERS, now):
        done += some
        if done >= shown:
            held.append((done, memory(os.getpid())))
            shown += step
    python = (time.process_time() - began) / max(1, done) * 1e3
    first = held[0][1]
    return {
        "jobs": done,
        "left": Job.objects.waiting().count(),
        "python": python,
        "memory": [(at, round(mb - first, 1)) for at, mb in held],
    }


def pruning(number: int) -> dict[str, Any]:
    """Return what erasing a finished job by its rule costs, in batches as the rule does it."""
    from portal.clock import now
    from requests.jobs.models import Job
    from requests.privacy import retention
    from requests.privacy.retention_kinds import KINDS

    add_jobs(number)
    ended = now() - timedelta(days=400)
    Job.objects.filter(done_at__isnull=True).update(done_at=ended)
    kind = KINDS["jobs"]

    def run() -> None:
        for _ in range(number // retention.BATCH):
            rows, _kept = retention.due(kind, kind.months, now())
            keys = list(rows.values_list("pk", flat=True)[: retention.BATCH])
            kind.act(Job.objects.filter(pk__in=keys), now())

    python, database = spent(run)
    return {"rows": number, "python": python / number, "database": database / number}
