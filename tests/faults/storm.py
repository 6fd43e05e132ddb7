"""The storm: faults at random while requests, replies and deliveries go through every channel.

``make faults`` (``python -m tests.faults.storm``, or with ``--seed 11`` one storm) starts a portal
of its own for each seed, breaks it again and again, then waits at most 60 seconds and counts:
nothing lost, nothing doubled, nothing unprocessed. Exit 1 otherwise.
"""

import argparse
import contextlib
import json
import os
import random
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

FIRST = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)  # Wednesday, 10:30 in Paris: texts may leave
SEEDS = (11, 12, 13)
PATIENCE = 60  # seconds after the last fault
CROWDED = 60  # jobs due
FAULTS, SECONDS = 32, 120  # of each storm, at most
SHORTEST = 45
LIMIT = 590  # seconds, of all together
AROUND = 45  # seconds to start a storm and to settle; a storm that takes more went wrong
DATABASE, TOLD = "postgres/data", "told.json"
HOOK_KEY = "storm-key-of-the-hooks-0123456789"


def environment(port: int) -> dict[str, str]:
    """Return what the processes of a storm, and its clients, are told."""
    ahead = (FIRST - datetime.fromtimestamp(_real_time(), tz=UTC)).total_seconds()
    return {
        "DJANGO_SETTINGS_MODULE": "tests.faults.storm_settings",
        "PALIER_TEST_AHEAD": str(ahead),
        "PALIER_HOOK_KEY": HOOK_KEY,
        "PALIER_MAIL_SECRET_STORM": HOOK_KEY,
        "PALIER_URL": f"http://127.0.0.1:{port}",
    }


def _real_time() -> float:
    """Return the seconds of the real clock: in the suite, time.time is another."""
    import time_machine

    with contextlib.suppress(ValueError):
        return time_machine.escape_hatch.time.time()
    return time.time()


def clock() -> float:
    """Return the seconds that the portal in the storm believes it is."""
    return _real_time() + float(os.environ["PALIER_TEST_AHEAD"])


@dataclass
class Result:
    """What a storm did and found; ``faults`` by kind, ``wrong`` is empty when all went well."""

    faults: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    crowded: int = 0  # looks, one a second, at which so much was due that nobody filed
    settled: float = 0.0
    # Of the portal's processes, without the database; those of the clients are not counted.
    processor_seconds: float = 0.0
    # When all had settled; a moment later, what was to leave at a set time may be due again.
    waiting: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def traffic(self) -> int:
        """Return how many requests, replies and deliveries went through."""
        return sum(self.counts[name] for name in ("claims", "replies", "mails", "texts"))


def people(landlord: dict) -> str:
    """Add what the clients need to a test landlord; return the token of an agent's tool."""
    from portal import api_tokens
    from portal.clock import now
    from requests.channels.models import Mailbox
    from tests.factories import category, member

    category("ADM-14", "A2", "desk")
    Mailbox.objects.create(
        slug="agence",
        address="agence@palier.example",
        webhook_secret_name="PALIER_MAIL_SECRET_STORM",
    )
    agent = member(landlord["north"], "agent").user
    return api_tokens.make(agent, name="storm", writes=True, days=30, now=now())


def storm(stand, clients, rng: random.Random, *, faults: int, seconds: float, whole: bool):
    """Let clients send for ``seconds`` while ``faults`` strike; return the Result."""
    from tests.faults import verdict
    from tests.faults.breakages import Breakages

    breakages, result = Breakages(stand, rng, whole=whole), Result()
    result.seconds = seconds
    order = breakages.order(faults)
    gaps = [rng.uniform(0.5, 1.5) for _ in order]
    scale = seconds / (sum(gaps) + 1)
    clients.start(pace=0.05)
    stand.on_second = lambda: _hold_back(clients, verdict.waiting(), result)
    for name, gap in zip(order, gaps, strict=True):
        stand.rest(gap * scale)
        done = breakages.strike(name)
        if done is not None:
            result.faults[name] = result.faults.get(name, 0) + 1
        print(f"  {name}: {done or 'nothing to break'}", flush=True)
    last = time.monotonic()
    stand.rest(scale)
    stand.on_second = None
    clients.hurry.set()
    clients.ended.set()
    stand.rest_while(lambda: any(t.is_alive() for t in clients.threads), PATIENCE)
    clients.stop(1)
    breakages.finish()
    verdict.hurry()

    def unsettled() -> bool:
        result.waiting = verdict.waiting()
        return result.waiting > 0

    stand.rest_while(unsettled, PATIENCE - (time.monotonic() - last))
    result.settled = time.monotonic() - last
    verdict.judge(stand, clients, result)
    return result


def _hold_back(clients, waiting: int, result: Result) -> None:
    """Let who files wait while much is due: what is measured is recovery, not a slow machine."""
    result.crowded += waiting > CROWDED
    (clients.crowded.set if waiting > CROWDED else clients.crowded.clear)()


def report(seed: int, result: Result) -> str:
    """Return the figures in a few lines, and the seed and commit to repeat a failure with."""
    total = sum(result.faults.values())
    counted = ", ".join(f"{value} {name}" for name, value in result.counts.items())
    answers = ", ".join(f"{name} × {count}" for name, count in sorted(result.answers.items()))
    lines = [
        f"seed {seed}: {total} faults of {len(result.faults)} kinds, {result.traffic} sent"
        f" ({counted}) in {result.seconds:.0f} s, settled {result.settled:.0f} s after the last"
        f" fault, crowded for {result.crowded} s, {result.processor_seconds:.0f} s of a processor",
        f"answers: {answers}",
    ]
    if result.wrong:
        commit = subprocess.run(
            ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
        )
        lines += ["WRONG:", *(f"  {what}" for what in result.wrong[:20])]
        lines.append(
            f"Again: commit {commit.stdout.strip()}, FAULT_SEED={seed},"
            f' make faults ARGS="--seed {seed} --seconds {result.seconds:.0f}"'
        )
    return "\n".join(lines)


@contextlib.contextmanager
def portal_in(home: Path, port: int) -> Iterator[None]:
    """Start servers under ``home`` and tell this process of them; destroy them at the end."""
    from portal.dev import embedded

    home.chmod(0o711)
    # What a killed server wrote stays in the kernel's memory: only a power cut would lose it.
    os.environ["PALIER_FSYNC"] = "off"
    services = embedded.ensure(home)
    os.environ |= environment(port) | {
        "PALIER_HOME": str(home),
        "DATABASE_URL": services.database_url,
        "DATABASE_OWNER_URL": services.owner_url,
        "REDIS_URL": services.redis_url,
    }
    try:
        yield
    finally:
        embedded.destroy(home)


def prepare(base: Path) -> None:
    """Make the database that every storm begins with: migrated, with a landlord."""
    base.mkdir()
    with tempfile.TemporaryDirectory(prefix="palier-storm-") as folder, portal_in(Path(folder), 0):
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        from portal.dev import embedded
        from tests import factories

        call_command("migrate", verbosity=0)
        landlord = factories.landlord()
        told = {"token": people(landlord), "dwelling": landlord["dwelling"].pk}
        (base / TOLD).write_text(json.dumps(told))
        connections.close_all()
        embedded.stop(Path(folder))
        copy(Path(folder) / DATABASE, base / DATABASE)


def copy(source: Path, target: Path) -> None:
    """Copy a database folder with its owners; its server does not run."""
    target.parent.mkdir(exist_ok=True, mode=0o711)
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


def run(base: Path, seed: int, faults: int, seconds: float) -> Result:
    """Run one storm on servers and processes of its own; print and return what it found."""
    from portal.dev.embedded import free_port

    port = free_port()
    with tempfile.TemporaryDirectory(prefix="palier-storm-") as folder:
        copy(base / DATABASE, Path(folder) / DATABASE)
        with portal_in(Path(folder), port):
            told = json.loads((base / TOLD).read_text())
            return _on(Path(folder), port, told, seed, faults, seconds)


def _on(home: Path, port: int, told: dict, seed: int, faults: int, seconds: float) -> Result:
    import django

    del os.environ["DATABASE_OWNER_URL"]  # the portal in the storm owns nothing
    django.setup()

    from portal.dev import supervisor
    from portal.dev.embedded.postgres import Postgres
    from tests.faults import nursery
    from tests.faults.stand import Stand
    from tests.faults.storm_clients import Clients

    supervisor.FIRST_DELAY, supervisor.STEADY = 0.2, 0.0
    supervisor.say = lambda name, text: None
    stand = Stand(home, web=port, postgres=Postgres(home))
    try:
        stand.start()
        clients = Clients(port, hook_key=HOOK_KEY, seed=seed, clock=clock, **told)
        rng = random.Random(seed)
        result = storm(stand, clients, rng, faults=faults, seconds=seconds, whole=True)
    finally:
        stand.finish()
        nursery.finish_all()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    result.processor_seconds = used.ru_utime + used.ru_stime
    print(report(seed, result), flush=True)
    return result


def _again(*told: object) -> int:
    """Run this module in a process of its own, to the end; return its status."""
    command = [sys.executable, "-m", "tests.faults.storm", *map(str, told)]
    return subprocess.run(command, check=False).returncode


def run_all(seeds: list[int], faults: int, seconds: float) -> int:
    """Run a storm for each seed in a process of its own; return the exit status of all."""
    began, total, bad = time.monotonic(), {"faults": 0, "sent": 0}, []
    with tempfile.TemporaryDirectory(prefix="palier-storms-") as folder:
        base, figures = Path(folder) / "base", Path(folder) / "figures"
        if _again("--prepare", base):
            return 1
        for place, seed in enumerate(seeds):
            figures.write_text("{}")
            room = (LIMIT - (time.monotonic() - began)) / (len(seeds) - place) - AROUND
            length = min(seconds, max(room, SHORTEST))
            more = ("--base", base, "--faults", faults, "--seconds", length)
            if _again("--seed", seed, "--figures", figures, *more):
                bad.append(seed)
            found = json.loads(figures.read_text())
            for name in total:
                total[name] += found.get(name, 0)
    minutes = (time.monotonic() - began) / 60
    print(
        f"{total['faults']} faults, {total['sent']} requests, replies and deliveries,"
        f" {len(seeds)} seeds in {minutes:.1f} minutes; went wrong: {bad or 'none'}"
    )
    return 1 if bad else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, help="one storm; without it, three seeds and a new one")
    parser.add_argument("--faults", type=int, default=FAULTS, help="of each storm")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each storm")
    for name in ("--figures", "--base", "--prepare"):
        parser.add_argument(name, type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.prepare:
        prepare(given.prepare)
        return 0
    if given.seed is None:
        return run_all([*SEEDS, secrets.randbelow(10**6)], given.faults, given.seconds)
    if given.base is None:
        return run_all([given.seed], given.faults, given.seconds)
    print(f"FAULT_SEED={given.seed}", flush=True)
    result = run(given.base, given.seed, given.faults, given.seconds)
    if given.figures:
        figures = {"faults": sum(result.faults.values()), "sent": result.traffic}
        given.figures.write_text(json.dumps(figures))
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
