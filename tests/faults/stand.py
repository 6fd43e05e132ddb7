"""The test stand: real processes on one database, restarted when they die, counted afterwards."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from django.db import InterfaceError, OperationalError, connection

from portal.dev import supervisor
from portal.dev.embedded import free_port
from portal.dev.embedded.postgres import Postgres
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

    def __init__(self, home: Path, *, web: int = 0, postgres: Postgres | None = None) -> None:
        """``web`` is the port of the pages, if any; ``postgres`` a server that may be broken."""
        self.home, self.postgres = home, postgres
        self.on_second: Callable[[], None] | None = None
        self.valkey = Valkey(home)
        self.valkey.start()
        self.env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "portal.settings.dev",
            "DATABASE_URL": self.database_url(),
            "REDIS_URL": self.valkey.url(),
            "PALIER_SMTP": f"127.0.0.1:{free_port()}",
            "PALIER_LEASE": "3",
            "C_FORCE_ROOT": "1",
        }
        self.filers: list[tuple[subprocess.Popen, Path]] = []
        self._children(web)

    def _children(self, web: int) -> None:
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "-A", "portal"]
        mail = [self.env["PALIER_SMTP"], str(self.home / "mail")]
        schedule = ["--schedule", str(self.home / "schedule")]
        self.mail = self.child("mail", [*python, "portal.dev.mailcatcher", *mail])
        self.beat = self.child(
            "beat", [*celery, "beat", "--pidfile=", "--loglevel", "error", *schedule]
        )
        self.children = [self.mail, self.beat]
        if not web:
            self.worker = self.child("worker", [*celery, "worker", *QUICK])
            self.children.append(self.worker)
            return
        self.env |= {name: os.environ[name] for name in ("DJANGO_SETTINGS_MODULE", "PALIER_URL")}
        self.env["PALIER_PHONES"] = f"127.0.0.1:{free_port()}"
        phones = [self.env["PALIER_PHONES"], str(self.home / "phones")]
        self.phones = self.child("phones", [*python, "portal.dev.phonecatcher", *phones])
        queues = {"worker": "work,sweeps", "sender": "sending,long"}
        self.worker, self.sender = (
            self.child(name, [*celery, "worker", "-n", f"{name}@%h", "-Q", queues[name], *QUICK])
            for name in queues
        )
        pages = ["portal.wsgi:application", "--bind", f"127.0.0.1:{web}", "--workers", "2"]
        more = ["--threads", "4", "--preload", "--no-control-socket", "--log-level", "critical"]
        self.web = self.child("web", [*python, "gunicorn", *pages, *more])
        self.port = web
        self.children += [self.phones, self.worker, self.sender, self.web]

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
        self.until(lambda: Pulse.objects.filter(name__in=["worker", "sender"]).count() == 2)
        self.until(lambda: not hasattr(self, "port") or self.answers())

    def answers(self) -> bool:
        """Return whether the pages answer."""
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        return False

    def watch(self) -> None:
        """Restart what died, as the supervisor does."""
        for child in self.children:
            child.watch(time.monotonic())
        if hasattr(self, "port") and not self.valkey.alive() and self.valkey.pid() is None:
            self.valkey.start()
        if self.postgres is not None and not self.postgres.alive():
            connection.close()
            self.postgres.start()

    def rest(self, seconds: float) -> None:
        """Watch over the processes for a while."""
        self.rest_while(lambda: True, seconds)

    def rest_while(self, condition, seconds: float) -> None:
        """Watch over the processes while ``condition`` holds, at most ``seconds``."""
        limit, second = time.monotonic() + seconds, 0.0
        while time.monotonic() < limit and self._holds(condition):
            self.watch()
            if self.on_second and time.monotonic() > second:
                self._holds(self.on_second)
                second = time.monotonic() + 1
            time.sleep(0.1)

    def _holds(self, condition) -> bool:
        """Ask the database again when the storm broke our own connection."""
        try:
            return condition()
        except (OperationalError, InterfaceError):
            connection.close()
            return True

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

    @staticmethod
    def pool_of(child: supervisor.Child) -> list[int]:
        """Return the processes that the leader of ``child`` started."""
        if child.process is None:
            return []
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(child.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return [int(pid) for pid in listed.stdout.split()]

    def kill(self, rng: random.Random) -> None:
        """The whole worker, or one process of its pool."""
        leader, pool = self.worker.process.pid, self.pool_of(self.worker)
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
