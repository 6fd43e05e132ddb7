"""A scratch database with the demo landlord at a given size."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import override_settings

from portal.clock import now
from portal.models import User


@dataclass(frozen=True)
class Landlord:
    """``claims`` is the size asked for; the demo writes a few more or less."""

    claims: int

    @staticmethod
    def client(login: str) -> Client:
        """Return a client signed in, over plain HTTP, as the named member of the demo staff."""
        client = Client()
        client.force_login(
            User.objects.get(email=f"{login}@demo.palier.example"),
            backend="django.contrib.auth.backends.ModelBackend",
        )
        return client


@contextmanager
def scratch_database(claims: int) -> Iterator[Landlord]:
    """Create and fill a database, and drop it afterwards."""
    from requests.catalogue.actions import load_catalogue
    from requests.demo import seed
    from requests.demo.claims import PER_DWELLING

    usual = settings.DATABASES["default"]["NAME"]
    # Not the database of the test suite, which may be running at the same time.
    connection.settings_dict["TEST"]["NAME"] = f"bench_{usual}"
    print(f"Preparing {claims:,} claims…", flush=True)
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with tempfile.TemporaryDirectory() as media, override_settings(MEDIA_ROOT=media):
            with transaction.atomic():
                load_catalogue()
                seed.build(seed=1, dwellings=round(claims / PER_DWELLING), now=now())
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
            yield Landlord(claims)
    finally:
        connection.creation.destroy_test_db(usual, verbosity=0)
