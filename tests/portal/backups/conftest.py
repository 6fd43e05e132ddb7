"""A landlord with a claim, photos and a message that waits; its backup; where to restore it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from portal.audit import sealer
from portal.clock import now
from requests import tasks
from requests.attachments import uploads
from requests.jobs import queue
from requests.notifications.models import Delivery
from tests import databases, factories, moments
from tests.requests.attachments.pictures import noise

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "one")
SOURCE, TARGET = (f"{databases.BASE}_{what}_{WORKER}" for what in ("saved", "restored"))


@dataclass
class House:
    """The landlord before the disaster, and what its operator keeps elsewhere."""

    folder: Path
    identity: Path
    recipient: str
    rows: dict[Path, dict[str, int]] = field(default_factory=dict)
    heads: dict[Path, tuple | None] = field(default_factory=dict)

    @property
    def media(self) -> Path:
        return self.folder / "media"

    @contextmanager
    def open(self) -> Iterator[None]:
        """Work in the landlord's own database and storage."""
        with (
            databases.use(SOURCE),
            override_settings(MEDIA_ROOT=self.media, PALIER_BACKUP_RECIPIENT=self.recipient),
        ):
            yield

    def backup(self, name: str, **options) -> Path:
        """Make a backup in a folder of its own and return its file.

        ``rows`` keeps the counts, ``heads`` the end of the audit trail.
        """
        place = self.folder / name
        place.mkdir()
        with self.open(), moments.at():
            before, head = counts(), end_of_trail()
            call_command("backup", str(place), **options)
        path = next(place.iterdir())
        self.rows[path], self.heads[path] = before, head
        return path


def fill() -> None:
    """A claim with two photos and its first message on the way out."""
    house = factories.landlord()
    person = factories.tenant(house["dwelling"], email="awa@example.test")
    factories.contact(person, "awa@example.test")
    claim = factories.leak(house, now(), tenant=person.pk)
    for number in range(2):
        photo = SimpleUploadedFile(f"{number}.jpg", noise("JPEG"), "image/jpeg")
        uploads.keep(photo, claim=claim, channel="web", now=now())
    while not Delivery.unscoped.exists():
        assert queue.drain(tasks.HANDLERS, now, most=1), "no message was written"
    assert sealer.run(now() + timedelta(hours=1))


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    key = pyrage.x25519.Identity.generate()
    made = House(folder, folder / "key.txt", str(key.to_public()))
    made.identity.write_text(f"# kept elsewhere\n{key}\n")
    with django_db_blocker.unblock():
        databases.copy(databases.migrated(), SOURCE)
        with made.open(), moments.at():
            fill()
        yield made
        databases.drop(SOURCE)


@pytest.fixture(scope="module")
def saved(house) -> Path:
    """An encrypted backup of the house, never written to."""
    return house.backup("saved")


@pytest.fixture
def elsewhere(house, tmp_path, django_db_blocker) -> Iterator[Path]:
    """Work on another machine: an empty database and an empty folder of media."""
    with django_db_blocker.unblock():
        databases.drop(TARGET)
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(TARGET)}")
        with databases.use(TARGET), override_settings(MEDIA_ROOT=tmp_path / "media"):
            yield tmp_path / "media"
        databases.drop(TARGET)


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def counts() -> dict[str, int]:
    """How many rows each table has, counted without the code under test; sessions are ended."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    found.pop("django_session", None)
    return found


def end_of_trail() -> tuple | None:
    """Return number and head of the last batch; None where nothing is sealed or no table is."""
    with connection.cursor() as cursor:
        if "portal_auditbatch" not in connection.introspection.table_names(cursor):
            return None
        cursor.execute("SELECT number, head FROM portal_auditbatch ORDER BY number DESC LIMIT 1")
        return cursor.fetchone()
