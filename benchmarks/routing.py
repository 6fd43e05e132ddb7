"""Time the way from filing to routing, with a real worker that has nothing else to do."""

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from benchmarks.table import Table
from benchmarks.world import Landlord
from portal.clock import now

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = 60
LIMIT = 2.0  # seconds
PATIENCE = 60


def _database_url() -> str:
    base = connection.settings_dict
    port = f"&port={base['PORT']}" if base["PORT"] else ""
    who = f"{quote(base['USER'])}:{quote(base['PASSWORD'])}@"
    return f"postgresql://{who}/{base['NAME']}?host={quote(base['HOST'])}{port}"


def _until(condition) -> None:
    limit = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > limit:
            raise RuntimeError("the worker did nothing for a minute")
        time.sleep(0.005)


def measure(table: Table, landlord: Landlord) -> None:
    from agencies.models import Dwelling
    from portal.models import Pulse
    from requests.claims.models import Claim
    from requests.filing.actions import Filing, file_claim
    from requests.tasks import drain

    # A queue of its own: the demo's worker may be running on the same broker.
    queue = "bench"
    drain.app.conf.task_default_queue = queue
    env = os.environ | {
        "DATABASE_URL": _database_url(),
        "REDIS_URL": settings.CELERY_BROKER_URL,
        "C_FORCE_ROOT": "1",
    }
    command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "-Q", queue]
    worker = subprocess.Popen(
        [*command, "-c", "2", "--loglevel", "error"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        drain.apply_async()
        _until(lambda: Pulse.objects.filter(name="worker").exists())
        dwelling = Dwelling.objects.first().pk
        spent = []
        for number in range(SAMPLES):
            sent = time.perf_counter()
            filing = Filing(
                channel="web", key=f"timed-{number}", category="PLO-03", dwelling=dwelling
            )
            claim = file_claim(filing, now=now())
            routed = Claim.objects.system("bench").filter(pk=claim.pk, routed_at__isnull=False)
            _until(routed.exists)
            spent.append(time.perf_counter() - sent)
        spent.sort()
        table.add("sent to routed, median", landlord.claims, spent[SAMPLES // 2], LIMIT, "s")
        table.add("sent to routed, p95", landlord.claims, spent[SAMPLES * 95 // 100], LIMIT, "s")
    finally:
        worker.terminate()
        worker.wait()
