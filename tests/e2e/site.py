"""A whole portal for browser tests: its own seeded database, a real HTTP server, no mock.

Each module gets a fresh copy of one seeded database, so what it writes stays with it, and the
rest of the suite never sees the demo landlord.
"""

import io
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from random import Random
from unittest import mock

import time_machine
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.http import HttpRequest
from django.test import Client, override_settings

from agencies.models import Membership
from portal.models import User
from tests import databases, moments

DWELLINGS = 280  # two staircases for each of the seven units: figures of ten and more


class QuietHandler(WSGIRequestHandler):
    """HTTP/1.1 without a line on standard error for each answer."""

    def log_message(self, *args) -> None:
        pass


def dated(app: Callable) -> Callable:
    """Give answers the real date: Chromium, whose clock is real, takes older ones for stale."""

    def answer(environ: dict, start: Callable) -> Iterable[bytes]:
        def begin(status: str, headers: list, *more) -> Callable:
            hatch = time_machine.escape_hatch
            real = hatch.time.time() if hatch.is_travelling() else time.time()
            return start(status, [*headers, ("Date", formatdate(real, usegmt=True))], *more)

        return app(environ, begin)

    return answer


def seeded() -> str:
    """Return the name of a template that holds the demo landlord; its files are in MEDIA_ROOT."""
    sources = [
        f"{room}/**/*.{ending}"
        for room in ("portal", "agencies", "tenants", "requests", "templates")
        for ending in ("py", "csv", "html", "mo")
    ]
    name = f"demo_{databases.BASE}_{databases.hash_of('tests/e2e/site.py', *sources)}"
    mark = Path(settings.MEDIA_ROOT) / f"{name}.seeded"

    def make(fresh: str) -> None:
        databases.copy(databases.migrated(), fresh)
        seed(fresh)
        mark.touch()

    databases.make_template(name, make, is_usable=mark.exists)
    return name


def seed(name: str) -> None:
    """Fill the migrated database ``name`` with the demo landlord.

    The keys that the product draws (UUIDs) are the same each time, so that the walk, which takes
    the first object of its kind, sees the same ones. The clock stands still meanwhile: each test
    begins at that moment, and on a slow machine nothing may be of later.
    """
    still = time_machine.travel(moments.MOMENT, tick=False)
    with databases.use(name), still, mock.patch("os.urandom", Random(1).randbytes):
        call_command("flush", interactive=False, verbosity=0)
        call_command("seed_demo", dwellings=DWELLINGS, stdout=io.StringIO())


@contextmanager
def server() -> Iterator[str]:
    """The portal's own WSGI stack, static files included, on a free port; yields its address."""
    httpd = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    httpd.daemon_threads = True
    url = f"http://127.0.0.1:{httpd.server_port}"
    with override_settings(
        PALIER_URL=url,
        ALLOWED_HOSTS=["127.0.0.1", "testserver"],
        WHITENOISE_AUTOREFRESH=False,
        # Seconds; minutes are short for a walk.
        ACCOUNT_REAUTHENTICATION_TIMEOUT=86_400,
        PALIER_REAUTHENTICATION=86_400,
    ):
        httpd.set_app(dated(WSGIHandler()))
        thread = threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield url
        finally:
            httpd.shutdown()
            httpd.server_close()
            thread.join(10)


def account(role: str) -> User:
    """The demo account of a role; "tenant" is a tenant with an account."""
    if role == "tenant":
        return User.objects.get(tenant__isnull=False)
    if role == "admin":
        return User.objects.get(is_superuser=True)
    return Membership.objects.select_related("user").filter(role=role).earliest("pk").user


def signed_in(role: str) -> Client:
    """A client whose session is that of ``role``; its cookies open the same pages in a browser."""
    client = Client()
    user = account(role)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    # What signing in by the page records; account pages ask for it again when it is missing.
    request = HttpRequest()
    request.session = session
    record_authentication(request, user, method="password", reauthenticated=True)
    session.save()
    return client
