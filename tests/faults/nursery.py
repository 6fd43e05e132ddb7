"""Start processes of the stand by a fork: a tenth of a second instead of the seconds of an import.

``python -m tests.faults.nursery`` imports the portal once. For each line on its standard input, a
JSON list of a program (``-m`` and what follows) and the files of its output and errors, it forks a
process with a session of its own, which runs the program as Python would, and answers with its
number. What is killed and paused are whole processes as in production; only their start is
cheaper, so that a storm measures recovery and not imports.
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
POSSIBLE = sys.platform.startswith("linux") and hasattr(os, "pidfd_open")
WARM = (
    "celery.bin.celery",
    "celery.apps.worker",
    "celery.apps.beat",
    "celery.concurrency.prefork",
    "celery.worker.consumer",
    "kombu.transport.redis",
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "django.core.mail.backends.smtp",
    "aiosmtpd.smtp",
    "http.server",
    "portal.wsgi",
    "portal.urls",
    "requests.tasks",
)


_nurseries: dict[frozenset, "Nursery"] = {}


class Forked:
    """A process that a nursery started, with the part of Popen's interface that is used."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.handle = os.pidfd_open(pid)

    def _ended(self, seconds: float | None) -> bool:
        if self.handle is None:
            return True
        watcher = select.poll()
        watcher.register(self.handle, select.POLLIN)
        if watcher.poll(None if seconds is None else seconds * 1000):
            os.close(self.handle)
            self.handle = None
            return True
        return False

    def poll(self) -> int | None:
        """Return None while it lives, then 0: its status is the nursery's."""
        return 0 if self._ended(0) else None

    def wait(self, timeout: float | None = None) -> int:
        if not self._ended(timeout):
            raise subprocess.TimeoutExpired("forked", timeout or 0)
        return 0

    def send(self, number: int) -> None:
        if not self._ended(0):
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send(signal.SIGTERM)

    def kill(self) -> None:
        self.send(signal.SIGKILL)


class Nursery:
    """The process that forks. ``env`` is that of all that it starts."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = dict(env)
        self.lock = threading.Lock()
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Begin to import; the first fork waits for it."""
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.faults.nursery"],
            cwd=ROOT,
            env=self.env | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

    def fork(self, program: list[str], output: Path, errors: Path) -> Forked:
        """Start ``program`` (a module and its arguments), what it says added to files."""
        with self.lock:
            assert self.process is not None
            line = json.dumps([program, str(output), str(errors)]).encode() + b"\n"
            self.process.stdin.write(line)
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"no process for {program[0]}: the nursery ended")
        return Forked(int(answer))

    def finish(self) -> None:
        """End it; what it started and still lives is asked to end."""
        if self.process is not None:
            self.process.stdin.close()
            self.process.stdout.close()
            self.process.wait(30)


def nursery_of(env: dict[str, str]) -> Nursery:
    """Return the nursery of processes with this environment; it lives until ``finish_all``."""
    key = frozenset(env.items())
    if key not in _nurseries:
        _nurseries[key] = Nursery(env)
        _nurseries[key].start()
    return _nurseries[key]


def finish_all() -> None:
    while _nurseries:
        _nurseries.popitem()[1].finish()


def _become(program: list[str], output: str, errors: str) -> None:
    """Run ``program`` in this new process, and end with it."""
    import runpy

    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for target, path in ((1, output), (2, errors)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), target)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
    sys.argv = list(program)
    status = 0
    try:
        runpy.run_module(program[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        import traceback

        traceback.print_exc()
        status = 1
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


def _bury(*_signal) -> None:
    """Wait for what ended, so that its processor time is counted with ours."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def main() -> None:
    import importlib

    answers = os.dup(1)
    os.dup2(2, 1)  # nothing that is imported may write between the answers
    for name in WARM:
        if importlib.util.find_spec(name):
            importlib.import_module(name)
    from django.urls import get_resolver

    get_resolver()._populate()
    signal.signal(signal.SIGCHLD, _bury)
    for line in sys.stdin:
        program, output, errors = json.loads(line)
        pid = os.fork()
        if not pid:
            os.close(answers)
            _become(program, output, errors)
        os.write(answers, b"%d\n" % pid)


if __name__ == "__main__":
    main()
