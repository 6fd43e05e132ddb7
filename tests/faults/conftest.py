"""The test stand: a real worker, beat, broker and mail server on the test database."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from portal.dev import supervisor
from portal.dev.embedded import free_port
from portal.dev.embedded.valkey import Valkey
from portal.models import Pulse
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.jobs.models import Job
from requests.routing.decision_models import RoutingDecision

ROOT = Path(__file__).resolve().parents[2]
QUICK = ["-c", "2", "--loglevel", "error", "--without-mingle", "--without-gossip"]


class Stand:
    """Starts the processes, restarts what dies as the supervisor does, and counts afterwards."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.valkey = Valkey(home)
        self.valkey.start()
        self.env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "portal.settings.dev",
            "DATABASE_URL": self.database_url(),
            "REDIS_URL": self.valkey.url(),
            "PALIER_SMTP": f"127.0.0.1:{free_port()}",
            "PALIER_LEASE": "3",
            # Only processes are killed here, never the machine.
            "PGOPTIONS": "-c synchronous_commit=off",
            "C_FORCE_ROOT": "1",
        }
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "-A", "portal"]
        mail = [self.env["PALIER_SMTP"], str(home / "mail")]
        schedule = ["--schedule", str(home / "schedule")]
        self.worker = self.child("worker", [*celery, "worker", *QUICK])
        self.children = [
            self.child("mail", [*python, "portal.dev.mailcatcher", *mail]),
            self.worker,
            self.child("beat", [*celery, "beat", "--pidfile=", "--loglevel", "error", *schedule]),
        ]
        self.filers: list[tuple[subprocess.Popen, Path]] = []

    def child(self, name: str, command: list[str]) -> supervisor.Child:
        return supervisor.Child(name, command, self.env)

    @staticmethod
    def database_url() -> str:
        base = connection.settings_dict
        who = f"{quote(base['USER'])}:{quote(base['PASSWORD'])}@"
        where = f"host={quote(base['HOST'])}&port={base['PORT']}" if base["PORT"] else ""
        return f"postgresql://{who}/{base['NAME']}?{where or 'host=' + quote(base['HOST'])}"

    def start(self) -> None:
        for child in self.children:
            child.start()
        self.until(lambda: Pulse.objects.filter(name="worker").exists())

    def until(self, condition, seconds: float = 150) -> None:
        """Watch over the processes until ``condition`` holds."""
        limit = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < limit, self.state()
            for child in self.children:
                child.watch(time.monotonic())
            time.sleep(0.02)

    def state(self) -> str:
        waiting = Job.objects.filter(done_at__isnull=True).values_list("kind", "attempts", "error")
        return f"{Claim.objects.system('test').count()} claims, waiting: {list(waiting[:10])}"

    def file(self, prefix: str, count: int, dwelling: int) -> None:
        ledger = self.home / f"{prefix}.ledger"
        command = [sys.executable, "-m", "tests.faults.filer", prefix, str(count), str(dwelling)]
        with ledger.open("w") as output:
            filer = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=output)
        self.filers.append((filer, ledger))

    def kill(self, rng: random.Random) -> None:
        """The whole worker, or one process of its pool."""
        leader = self.worker.process.pid
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(leader)], capture_output=True, text=True, check=False
        )
        pool = [int(pid) for pid in listed.stdout.split()]
        with contextlib.suppress(ProcessLookupError):
            if pool and rng.random() < 0.3:
                os.kill(rng.choice(pool), signal.SIGKILL)
            else:
                os.killpg(leader, signal.SIGKILL)

    def kill_broker(self) -> None:
        os.kill(self.valkey.pid(), signal.SIGKILL)
        while self.valkey.alive():
            time.sleep(0.01)

    def finish(self) -> None:
        for filer, _ledger in self.filers:
            filer.kill()
            filer.wait()
        for child in self.children:
            child.finish()
        self.valkey.stop()

    # -- what happened --------------------------------------------------------------------------

    def ledger(self) -> list[str]:
        """The keys that were confirmed to the clients, once these have ended."""
        self.until(lambda: all(filer.poll() is not None for filer, _ledger in self.filers))
        return [key for _filer, ledger in self.filers for key in ledger.read_text().split()]

    def check_each_once(self, confirmed: list[str]) -> None:
        """Every confirmed claim is there, routed by one decision, told by one kind of mail."""
        claims = list(Claim.objects.system("test"))
        assert sorted(claim.key for claim in claims) == sorted(confirmed)
        assert all(claim.routed_at for claim in claims)
        routed = ClaimEvent.unscoped.filter(name=Event.ROUTED).values_list("claim", flat=True)
        assert sorted(map(str, routed)) == sorted(str(claim.pk) for claim in claims)
        assert RoutingDecision.objects.count() == len(claims)
        assert not Job.objects.filter(done_at__isnull=True).exists()

    def mails(self) -> Counter:
        """How often each Message-ID was sent."""
        found = Counter()
        for path in (self.home / "mail").glob("*.eml"):
            lines = path.read_text(errors="replace").splitlines()
            found[next(line for line in lines if line.lower().startswith("message-id"))] += 1
        return found


@pytest.fixture
def rng(request) -> random.Random:
    """A random seed, said when the test fails so that it can be tried again."""
    seed = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
    print(f"FAULT_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def stand_type() -> type[Stand]:
    """The stand to start; a test module may name its own."""
    return Stand


@pytest.fixture
def stand(landlord, tmp_path, monkeypatch, stand_type):
    # What dies comes back at once: waiting longer each time is tested with the supervisor.
    monkeypatch.setattr(supervisor, "FIRST_DELAY", 0.1)
    monkeypatch.setattr(supervisor, "STEADY", 0.0)
    made = stand_type(tmp_path)
    try:
        made.start()
        yield made
    finally:
        made.finish()
