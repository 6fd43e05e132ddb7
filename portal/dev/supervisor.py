"""Run the whole portal with one command: services, migrations, demo data, web, worker, beat, mail.

`python -m portal.dev.supervisor` (what `make run` calls) restarts every process that dies, and
leaves none behind when stopped. Development and demonstration only: production uses
docker-compose.yml.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from portal.dev import embedded, training

ROOT = Path(__file__).resolve().parents[2]
FIRST_DELAY, LAST_DELAY, STEADY = 1.0, 30.0, 60.0  # seconds
STOP_LIMIT = 10.0
# The demonstration's own mailbox (requests/demo/doors.py); people write to it by the mail catcher.
MAILBOX = "demandes@demo.palier.example"
# Two kinds of Celery worker, so that a mail server that hangs stops no routing (docs/adr/0038).
WORKER = ["-Q", "work,sweeps", "-c", "2", "--loglevel", "warning"]
SENDER = ["-Q", "sending,long", "-c", "2", "--loglevel", "warning"]
COLOURS = {
    "palier": 1,
    "web": 32,
    "worker": 33,
    "sender": 33,
    "beat": 35,
    "mail": 36,
    "services": 34,
    "sensors": 35,
    "mailboxes": 36,
    "phones": 36,
}

# Ends the child when the supervisor is killed without a chance to stop it (Linux only).
LAUNCH = """
import os, signal, sys
if sys.platform.startswith("linux"):
    import ctypes
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    if os.getppid() != int(sys.argv[1]):
        sys.exit(1)
os.execvp(sys.argv[2], sys.argv[2:])
"""

_printing = threading.Lock()
_coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ


def say(name: str, text: str) -> None:
    label = f"{name:<8} |"
    if _coloured:
        label = f"\033[{COLOURS.get(name, 37)}m{label}\033[0m"
    # The terminal may be closed; the supervisor still stops properly.
    with _printing, contextlib.suppress(OSError):
        print(label, text, flush=True)


class Child:
    """One supervised process in its own process group.

    Its name precedes each line of its output.
    """

    def __init__(self, name: str, command: list[str], env: dict[str, str]) -> None:
        self.name, self.command, self.env = name, command, env
        self.process: subprocess.Popen | None = None
        self.delay = FIRST_DELAY
        self.born = self.due = 0.0

    def start(self) -> None:
        """Start the process. Call from the main thread, whose end sends the death signal."""
        self.born = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", LAUNCH, str(os.getpid()), *self.command],
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        threading.Thread(target=self._relay, args=(self.process,), daemon=True).start()

    def _relay(self, process: subprocess.Popen) -> None:
        for line in process.stdout or ():
            say(self.name, line.decode(errors="replace").rstrip())

    def code(self) -> int | None:
        return self.process.poll() if self.process else None

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def watch(self, now: float) -> None:
        """Restart when dead, later each time, sooner again after a steady minute."""
        if self.alive():
            return
        if not self.due:
            if now - self.born > STEADY:
                self.delay = FIRST_DELAY
            self.finish()
            say(
                self.name,
                f"ended with code {self.code()}; restarting in {self.delay:.0f} s",
            )
            self.due = now + self.delay
            self.delay = min(self.delay * 2, LAST_DELAY)
        elif now >= self.due:
            self.due = 0.0
            self.start()

    def ask_to_stop(self) -> None:
        # The leader only: Celery and gunicorn then end their own children in order.
        if self.process and self.alive():
            self.process.terminate()

    def finish(self) -> None:
        """Kill the processes left in the group, the leader included."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Stopped(Exception):
    """A signal asked the supervisor to stop."""


class Supervisor:
    def __init__(self) -> None:
        self.home = embedded.default_home().expanduser().resolve()
        self.host = os.environ.get("HOST", "127.0.0.1")
        self.port = self._port()
        self.signals = 0
        self.children: list[Child] = []
        self.trains = training.is_training()
        if self.trains:
            for name in (*training.foreign(os.environ), "DATABASE_URL", "REDIS_URL"):
                os.environ.pop(name, None)
        self.night = training.night_after(datetime.now(UTC))
        self.embeds = not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))
        self.services_due = 0.0
        self.services_delay = FIRST_DELAY

    def _port(self) -> int:
        given = os.environ.get("PORT") or "8000"
        if not given.isdigit() or not 0 < int(given) < 65536:
            sys.exit(f"PORT is {given!r}; it must be a number from 1 to 65535.")
        return int(given)

    # -- before ---------------------------------------------------------------------------------

    def check_alone(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        self.lock = open(self.home / "supervisor.lock", "w")  # noqa: SIM115 (held until we end)
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(
                f"The portal already runs with the data of {self.home}. Stop that one first, "
                "or give another PALIER_HOME and PORT."
            )
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                sys.exit(
                    f"Port {self.port} cannot be used ({error.strerror}). "
                    f"Free it, or choose another: PORT={self.port + 1} make run"
                )

    def environment(self) -> dict[str, str]:
        env = {
            **os.environ,
            "PALIER_HOME": str(self.home),
            "PALIER_SMTP": f"127.0.0.1:{embedded.free_port()}",
            "PALIER_PHONES": f"127.0.0.1:{embedded.free_port()}",
            "PALIER_IMAP": f"127.0.0.1:{embedded.free_port()}",
            "PALIER_MAIL_SECRET_DEMO": "demo",
            "PALIER_REPLY_TO": os.environ.get("PALIER_REPLY_TO") or MAILBOX,
            "PORT": str(self.port),
            "PALIER_URL": os.environ.get("PALIER_URL") or f"http://127.0.0.1:{self.port}",
            "PYTHONUNBUFFERED": "1",
            "C_FORCE_ROOT": "1",
        }
        env["DJANGO_SETTINGS_MODULE"] = (
            os.environ.get("DJANGO_SETTINGS_MODULE") or "portal.settings.dev"
        )
        if self.embeds:
            services = embedded.ensure(self.home)
            env["DATABASE_URL"], env["REDIS_URL"] = services.database_url, services.redis_url
            env["DATABASE_OWNER_URL"] = services.owner_url
        return env

    def step(self, *arguments: str) -> None:
        """Run one management command to its end."""
        say("palier", " ".join(("manage.py", *arguments)))
        child = Child("palier", [sys.executable, "manage.py", *arguments], self.env)
        self.children.append(child)
        child.start()
        while child.alive():
            self.breathe()
        self.children.remove(child)
        if child.code():
            sys.exit(f"manage.py {arguments[0]} failed: see above.")

    def command_exists(self, name: str) -> bool:
        return any(ROOT.glob(f"*/management/commands/{name}.py"))

    def breathe(self) -> None:
        if self.signals:
            raise Stopped
        time.sleep(0.1)

    # -- during ---------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start the services, prepare the database and start every process."""
        self.env = self.environment()
        self.step("migrate", "--noinput")
        if self.command_exists("seed_demo"):
            self.step("seed_demo", "--if-empty")
        self.launch()
        self.announce()

    def launch(self) -> None:
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "-A", "portal"]
        mail = [self.env["PALIER_SMTP"], str(self.home / "mail")]
        mail += ["--imap", self.env["PALIER_IMAP"], "--own", MAILBOX]
        phones = [self.env["PALIER_PHONES"], str(self.home / "phones")]
        web = [
            "portal.wsgi:application",
            "--bind",
            f"{self.host}:{self.port}",
            "--workers",
            "2",
        ]
        schedule = ["--schedule", str(self.home / "celerybeat-schedule")]
        more = []
        if self.env.get("PALIER_MQTT_URL"):
            more.append(("sensors", [sys.executable, "manage.py", "sensors"]))
        for name, command in (
            *more,
            ("mail", [*python, "portal.dev.mailcatcher", *mail]),
            ("phones", [*python, "portal.dev.phonecatcher", *phones]),
            ("mailboxes", [sys.executable, "manage.py", "mailboxes"]),
            (
                "web",
                [
                    *python,
                    "gunicorn",
                    *web,
                    "--threads",
                    "4",
                    "--graceful-timeout",
                    "8",
                    # A worker that dies is a fork away; its control socket would be shared by
                    # every portal of this user.
                    "--preload",
                    "--no-control-socket",
                ],
            ),
            ("worker", [*celery, "worker", "-n", "worker@%h", *WORKER]),
            ("sender", [*celery, "worker", "-n", "sender@%h", *SENDER]),
            (
                "beat",
                [*celery, "beat", "--pidfile=", "--loglevel", "warning", *schedule],
            ),
        ):
            child = Child(name, command, self.env)
            self.children.append(child)
            child.start()

    def announce(self) -> None:
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            try:
                socket.create_connection((self.host, self.port), 1).close()
                break
            except OSError:
                self.watch()
                self.breathe()
        shown = "localhost" if self.host in ("127.0.0.1", "0.0.0.0") else self.host
        base = f"http://{shown}:{self.port}"
        say("palier", f"Ready: {base}/   (Ctrl-C stops everything)")
        say("palier", f"Logins: {base}/demo/   Mails sent: {base}/demo/mail/")
        say("palier", f"Text messages sent: {base}/demo/phones/")
        say("palier", f"Try every channel: {base}/demo/doors/")
        say("palier", f"Mail to {MAILBOX} is taken by SMTP at {self.env['PALIER_SMTP']}")

    def watch(self) -> None:
        now = time.monotonic()
        for child in self.children:
            child.watch(now)
        if self.embeds and now >= self.services_due:
            self.services_due = now + 1
            if embedded.running(self.home):
                return
            try:
                say(
                    "services",
                    "PostgreSQL or Valkey no longer answers; starting it again",
                )
                services = embedded.ensure(self.home)
                self.services_delay = FIRST_DELAY
                if services.redis_url != self.env["REDIS_URL"]:
                    self.move_to(services)
            except embedded.EmbeddedError as error:
                say("services", f"{error} (trying again in {self.services_delay:.0f} s)")
                self.services_due = now + self.services_delay
                self.services_delay = min(self.services_delay * 2, LAST_DELAY)

    def move_to(self, services: embedded.Services) -> None:
        """Restart every process with the new address: Valkey had to use another port."""
        self.env["REDIS_URL"] = services.redis_url
        for child in self.children:
            child.ask_to_stop()

    def begin_anew_when_due(self) -> None:
        """Make a training landlord anew, each night and whenever somebody asks for it."""
        if self.trains and (training.is_asked(self.home) or datetime.now(UTC) >= self.night):
            say("palier", "The training landlord begins anew")
            self.stop_children()
            self.children = []
            embedded.destroy(self.home)
            for name in ("mail", "phones", "media"):
                shutil.rmtree(self.home / name, ignore_errors=True)
            (self.home / training.ASKED).unlink(missing_ok=True)
            self.night = training.night_after(datetime.now(UTC))
            self.begin()

    # -- after ----------------------------------------------------------------------------------

    def stop(self) -> None:
        say("palier", "Stopping…")
        self.stop_children()
        if self.embeds:
            try:
                if not embedded.leave(self.home):
                    say(
                        "services",
                        "left running for another process of this PALIER_HOME",
                    )
            except embedded.EmbeddedError as error:
                say("services", str(error))
        say("palier", "Stopped.")

    def stop_children(self) -> None:
        """End every process, with some patience."""
        for child in self.children:
            child.ask_to_stop()
        limit = time.monotonic() + STOP_LIMIT
        asked = self.signals
        while any(child.alive() for child in self.children) and time.monotonic() < limit:
            if self.signals > asked + 1:  # a third signal
                break
            time.sleep(0.05)
        for child in self.children:
            child.finish()

    def on_signal(self, *_: object) -> None:
        self.signals += 1

    def run(self) -> int:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.on_signal)
        self.check_alone()
        try:
            self.begin()
            while True:
                self.watch()
                self.begin_anew_when_due()
                self.breathe()
        except Stopped:
            return 0
        except embedded.EmbeddedError as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            self.stop()


if __name__ == "__main__":
    sys.exit(Supervisor().run())
