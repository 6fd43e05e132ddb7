"""What work leaves behind while a transaction stays open, and whether a steady rate is held."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.work_costs import file_one, no_work_left, somebody

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
RATE = 20  # filings a second
MB = 1024 * 1024
QUEUES = "work,sweeps"  # what the supervisor's worker takes; the sender is not started
BROKER = 9  # number of the broker's database, so that no other worker hears of this work


def processor(pid: int) -> float:
    """Return the seconds of processor that a process used, with its children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


def family(pid: int) -> list[int]:
    """Return a process and its children."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [pid, *(int(child) for task in tasks for child in task.read_text().split())]


def broker() -> str:
    from django.conf import settings

    return f"{settings.CELERY_BROKER_URL.rpartition('/')[0]}/{BROKER}"


@contextmanager
def worker(processes: int = 2) -> Iterator[int]:
    """Run a worker on the database of this process; give its number once it beats."""
    from benchmarks.load import database_url
    from portal.models import Pulse
    from requests.jobs.wake import DRAIN, wake

    env = os.environ | {
        "DATABASE_URL": database_url(),
        "REDIS_URL": broker(),
        "PALIER_SMTP": "127.0.0.1:9",
        "C_FORCE_ROOT": "1",
    }
    command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "-Q", QUEUES]
    Pulse.objects.filter(name="worker").delete()
    with subprocess.Popen(
        [*command, "-c", str(processes), "--loglevel", "error"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.DEVNULL,
    ) as running:
        try:
            while not Pulse.objects.filter(name="worker").exists():
                if running.poll() is not None:
                    raise RuntimeError("the worker ended")
                wake(DRAIN)  # one that nobody takes ends by itself
                time.sleep(0.5)
            yield running.pid
        finally:
            running.terminate()


def sizes() -> dict[str, tuple[int, int, int]]:
    """Return live rows, dead rows and bytes of each table."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT relname, n_live_tup, n_dead_tup, pg_relation_size(relid)"
            " FROM pg_stat_user_tables"
        )
        return {name: (live, dead, size) for name, live, dead, size in cursor.fetchall()}


def buffers_of_a_lease() -> int:
    """Return how many buffers a worker reads to find that nothing is due."""
    from benchmarks.statement_costs import can_be_explained, explain, heard
    from requests.jobs import queue

    with heard() as told:
        queue.lease_due()
    return sum(cost.buffers for cost in explain([*filter(can_be_explained, told)]) if cost)


def bloat(seconds: int) -> dict[str, Any]:
    """Work while a transaction stays open; return the dead rows of each table before it ends."""
    from django.db import connection

    from benchmarks.landlords import tidy
    from portal.clock import now
    from requests.jobs import queue
    from requests.tasks import HANDLERS

    home, tenant = somebody()
    no_work_left()
    tidy()
    before, lease = sizes(), buffers_of_a_lease()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT count(*) FROM portal_user")
        filed, began = 0, time.monotonic()
        while time.monotonic() - began < seconds:
            file_one(f"bloat-{filed}-{began}", home, tenant)
            queue.drain(HANDLERS, now)
            filed += 1
        after, lease_after = sizes(), buffers_of_a_lease()
    finally:
        other.close()
    dead = {
        name: [dead - before[name][1], (size - before[name][2]) / MB]
        for name, (_live, dead, size) in after.items()
        if dead > before[name][1]
    }
    tidy()
    return {
        "seconds": seconds,
        "filed": filed,
        "dead": dict(sorted(dead.items(), key=lambda one: -one[1][0])[:12]),
        "dead_after": sum(dead for _live, dead, _size in sizes().values()),
        "lease": [lease, lease_after],
    }


def held(seconds: int) -> dict[str, Any]:
    """File at ``RATE``; return the delay until routed and what the processes used."""
    from django.db import connection

    home, tenant = somebody()
    no_work_left()
    with worker() as pid:
        before = sum(map(processor, family(pid)))
        mine, began = time.process_time(), time.monotonic()
        for number in range(RATE * seconds):
            file_one(f"held-{number}-{began}", home, tenant)
            time.sleep(max(0.0, began + (number + 1) / RATE - time.monotonic()))
        lasted = time.monotonic() - began
        filing = time.process_time() - mine
        time.sleep(5)
        used = sum(map(processor, family(pid))) - before
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(routed_at), percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP"
            " (ORDER BY extract(epoch FROM routed_at - filed_at))"
            " FROM requests_claim WHERE key LIKE %s",
            [f"held-%-{began}"],
        )
        number, routed, delays = cursor.fetchone()
    return {
        "seconds": lasted,
        "rate": number / lasted,
        "filed": number,
        "routed": routed,
        "median": float(delays[0] or 0),
        "p95": float(delays[1] or 0),
        "filing": filing / number * 1e3,
        "working": used / number * 1e3,
        "core": (filing + used) / lasted,
    }
