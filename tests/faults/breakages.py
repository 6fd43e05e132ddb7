"""What the storm breaks: processes, peers, connections. Each method breaks one thing once.

A method returns what it did in a few words, or None when there was nothing to break.
"""

import contextlib
import os
import random
import signal
import socket
import threading
import time
from collections.abc import Callable

import psycopg2
from django.db import connection

from portal.dev.supervisor import Child
from tests.faults.stand import Stand

IDLE = 300  # connections that are asked for; as many as get in are held


class Breakages:
    """Draws faults for a stand; ``whole`` also breaks PostgreSQL itself."""

    def __init__(self, stand: Stand, rng: random.Random, *, whole: bool) -> None:
        self.stand, self.rng = stand, rng
        self.holding: list[threading.Thread] = []
        self.kinds: dict[str, Callable[[], str | None]] = {
            "web killed": lambda: self.kill(stand.web),
            "web worker killed": lambda: self.kill_one_of(stand.web),
            "worker killed": lambda: self.kill(stand.worker),
            "worker process killed": lambda: self.kill_one_of(stand.worker),
            "worker paused": lambda: self.pause(stand.worker),
            "sender killed": lambda: self.kill(stand.sender),
            "sender process killed": lambda: self.kill_one_of(stand.sender),
            "beat killed": lambda: self.kill(stand.beat),
            "mail server killed": lambda: self.kill(stand.mail),
            "mail server paused": lambda: self.pause(stand.mail),
            "mail server cut": lambda: self.cut(stand.mail),
            "text provider killed": lambda: self.kill(stand.phones),
            "text provider paused": lambda: self.pause(stand.phones),
            "text provider cut": lambda: self.cut(stand.phones),
            "broker killed": self.kill_broker,
            "broker wiped": self.wipe_broker,
            "broker paused": self.pause_broker,
            "backends terminated": self.terminate,
            "idle connections": self.idle_connections,
            "transaction held open": self.hold_rows,
            "repeatable readers": self.repeatable_readers,
        }
        if whole:
            self.kinds |= {
                "backend killed": self.kill_backend,
                "PostgreSQL restarted": self.restart_postgres,
                "PostgreSQL killed": self.kill_postgres,
                "PostgreSQL paused": self.pause_backend,
            }

    def order(self, count: int) -> list[str]:
        """Return ``count`` kinds: each as often as the others, in random order."""
        names: list[str] = []
        while len(names) < count:
            names += self.rng.sample(list(self.kinds), len(self.kinds))
        return names[:count]

    def strike(self, name: str) -> str | None:
        """Break one thing; a server that is away already is nothing to break."""
        with contextlib.suppress(psycopg2.Error, ProcessLookupError):
            return self.kinds[name]()
        return None

    def finish(self) -> None:
        """Wait until nothing is held any more."""
        for thread in self.holding:
            thread.join(30)

    # -- processes --------------------------------------------------------------------------------

    @staticmethod
    def kill(child: Child) -> str | None:
        if not child.alive():
            return None
        os.killpg(child.process.pid, signal.SIGKILL)
        return f"pid {child.process.pid}"

    def kill_one_of(self, child: Child) -> str | None:
        pool = self.stand.pool_of(child)
        if not pool:
            return None
        pid = self.rng.choice(pool)
        os.kill(pid, signal.SIGKILL)
        return f"pid {pid}"

    def pause(self, child: Child) -> str | None:
        if not child.alive():
            return None
        return self._pause(lambda number: os.killpg(child.process.pid, number))

    def _pause(self, send: Callable[[int], None]) -> str:
        seconds = self.rng.uniform(1, 4)
        send(signal.SIGSTOP)

        def go_on() -> None:
            time.sleep(seconds)
            with contextlib.suppress(ProcessLookupError):
                send(signal.SIGCONT)

        self._hold(go_on)
        return f"{seconds:.1f} s"

    def cut(self, child: Child) -> str | None:
        """Keep a peer away for some seconds: connections are refused."""
        if not child.alive():
            return None
        seconds = self.rng.uniform(1, 4)
        child.due = time.monotonic() + seconds  # watch() starts it then
        os.killpg(child.process.pid, signal.SIGKILL)
        return f"{seconds:.1f} s"

    # -- broker -----------------------------------------------------------------------------------

    def kill_broker(self) -> str | None:
        pid = self.stand.valkey.pid()
        if pid is None:
            return None
        os.kill(pid, signal.SIGKILL)
        return f"pid {pid}"

    def wipe_broker(self) -> str | None:
        self.stand.valkey._ask("FLUSHALL")
        return "FLUSHALL"

    def pause_broker(self) -> str | None:
        pid = self.stand.valkey.pid()
        return self._pause(lambda number: os.kill(pid, number)) if pid else None

    # -- database ---------------------------------------------------------------------------------

    def _connect(self):
        return psycopg2.connect(**connection.get_connection_params())

    def _others(self, sql: str) -> list:
        """Run ``sql`` on the backends of our database but the tests' own."""
        line = self._connect()
        try:
            with line, line.cursor() as cursor:
                cursor.execute(
                    f"SELECT {sql} FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid() AND application_name <> 'storm'"
                )
                return [row[0] for row in cursor.fetchall()]
        finally:
            line.close()

    def terminate(self) -> str | None:
        ended = self._others("pg_terminate_backend(pid)")
        return f"{len(ended)} backends" if ended else None

    def kill_backend(self) -> str | None:
        pids = self._others("pid")
        if not pids:
            return None
        os.kill(pid := self.rng.choice(pids), signal.SIGKILL)
        return f"pid {pid}"

    def pause_backend(self) -> str | None:
        pids = self._others("pid")
        if not pids:
            return None
        pid = self.rng.choice(pids)
        return self._pause(lambda number: os.kill(pid, number))

    def restart_postgres(self) -> str | None:
        self.stand.postgres.stop()
        return "stopped"

    def kill_postgres(self) -> str | None:
        pid = self.stand.postgres._pid()
        if pid is None:
            return None
        os.kill(pid, signal.SIGKILL)
        return f"pid {pid}"

    def _hold(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self.holding.append(thread)
        thread.start()

    def _held(self, lines: list, seconds: float) -> None:
        def let_go() -> None:
            time.sleep(seconds)
            for line in lines:
                with contextlib.suppress(psycopg2.Error, OSError, socket.error):
                    line.close()

        self._hold(let_go)

    def idle_connections(self) -> str:
        lines = []
        with contextlib.suppress(psycopg2.OperationalError):
            lines.extend(self._connect() for _ in range(IDLE))
        seconds = self.rng.uniform(1, 3)
        self._held(lines, seconds)
        return f"for {seconds:.1f} s"

    def hold_rows(self) -> str:
        line = self._connect()
        with line.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM requests_job WHERE done_at IS NULL ORDER BY next_at LIMIT 20"
                " FOR UPDATE SKIP LOCKED"
            )
            held = cursor.rowcount
        self._held([line], self.rng.uniform(2, 6))
        return f"{held} jobs locked"

    def repeatable_readers(self) -> str:
        lines = [self._connect() for _ in range(4)]
        for line in lines:
            line.set_session(isolation_level="REPEATABLE READ")
            with line.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM requests_claim")
        self._held(lines, self.rng.uniform(5, 15))
        return "4 readers"
