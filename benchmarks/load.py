"""How long answers take over HTTP while others ask as well: gunicorn, as `make run` starts it.

The figures say what this machine did at that hour; only the table's counts compare machines.
"""

import http.client
import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from benchmarks.house import House, Operation
from benchmarks.operations import OPERATIONS
from portal.dev.embedded import free_port

ROOT = Path(__file__).resolve().parent.parent
CLIENTS, SECONDS, PATIENCE = 4, 30.0, 60.0
# As portal/dev/supervisor.py starts it.
SERVER = ["gunicorn", "portal.wsgi:application", "--workers", "2", "--threads", "4", "--preload"]
SERVER += ["--no-control-socket", "--graceful-timeout", "2", "--log-level", "error"]


@dataclass
class Answered:
    """Answers of one operation under load: how many, how many wrong, and milliseconds."""

    name: str
    answers: int
    wrong: int
    median: float
    p95: float

    def as_json(self) -> dict:
        return asdict(self)


def database_url() -> str:
    """Return the address of the database that this process works on."""
    base = connection.settings_dict
    port = f"&port={base['PORT']}" if base["PORT"] else ""
    who = f"{quote(base['USER'])}:{quote(base['PASSWORD'])}@"
    return f"postgresql://{who}/{base['NAME']}?host={quote(base['HOST'], safe='')}{port}"


@contextmanager
def _server() -> Iterator[int]:
    """Start gunicorn on the landlord of this connection; give its port once it answers."""
    port = free_port()
    env = os.environ | {
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.CELERY_BROKER_URL,
        "DJANGO_SETTINGS_MODULE": "portal.settings.dev",
        # What a page would send goes nowhere.
        "PALIER_SMTP": "127.0.0.1:9",
    }
    env.pop("PALIER_PHONES", None)
    command = [sys.executable, "-m", *SERVER, "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL) as server:
        try:
            limit = time.monotonic() + PATIENCE
            while True:
                try:
                    _get(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "/healthz", "")
                    break
                except OSError:
                    if time.monotonic() > limit or server.poll() is not None:
                        raise RuntimeError("gunicorn did not start") from None
                    time.sleep(0.1)
            yield port
        finally:
            server.terminate()


def _get(line: http.client.HTTPConnection, path: str, cookies: str) -> int:
    line.request("GET", path, headers={"Cookie": cookies, "Accept-Encoding": "gzip"})
    answer = line.getresponse()
    answer.read()
    return answer.status


def _ask(port: int, turns: list[tuple[str, str, str]], until: float, found: dict) -> None:
    """Fetch the addresses in turn over one connection until the time is over."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    place = 0
    while time.monotonic() < until:
        name, path, cookies = turns[place % len(turns)]
        place += 1
        began = time.perf_counter()
        try:
            status = _get(line, path, cookies)
        except (OSError, http.client.HTTPException):
            status = 0
            line.close()
        found[name].append(((time.perf_counter() - began) * 1e3, status))


def measure(clients: int = CLIENTS, seconds: float = SECONDS) -> list[Answered]:
    """Let ``clients`` ask the main operations in turn, each beginning with another one."""
    house = House()
    asked: list[Operation] = [one for one in OPERATIONS if one.loaded]
    turns = [
        (
            one.name,
            one.path(house),
            "; ".join(f"{k}={v.value}" for k, v in house.client(one.who).cookies.items()),
        )
        for one in asked
    ]
    found: list[dict[str, list]] = [defaultdict(list) for _ in range(clients)]
    with _server() as port:
        warm = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        for _ in range(2):
            for _name, path, cookies in turns:
                _get(warm, path, cookies)
        until = time.monotonic() + seconds
        threads = []
        for number in range(clients):
            shift = number * len(turns) // clients
            own = turns[shift:] + turns[:shift]
            threads.append(threading.Thread(target=_ask, args=(port, own, until, found[number])))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    answers = []
    for one in asked:
        times = sorted(pair for part in found for pair in part[one.name])
        if times:
            wrong = sum(status != 200 for _ms, status in times)
            middle, late = times[len(times) // 2][0], times[len(times) * 95 // 100][0]
            answers.append(Answered(one.name, len(times), wrong, middle, late))
    return answers
