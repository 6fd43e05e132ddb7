"""Making: whole or not at all, one at a time, with a client that fits, every night."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.urls import reverse

from portal import tasks
from portal.backups import nightly, postgres
from portal.backups.archive import BackupError
from portal.models import Pulse
from tests import moments
from tests.factories import member


def broken(*args):
    raise OSError("no space left on device")


def half(snapshot):
    yield b"PGDMP"
    raise BackupError("pg_dump failed: connection lost")


@pytest.mark.parametrize(("what", "fails"), [("open", broken), ("dump", half)])
@pytest.mark.parametrize("plain", [True, False])
def test_a_failed_backup_leaves_nothing(house, tmp_path, monkeypatch, what, fails, plain):
    monkeypatch.setattr(FileSystemStorage if what == "open" else postgres, what, fails)
    with house.open():
        Pulse.objects.filter(name="backup").delete()
    with house.open(), pytest.raises(CommandError, match="No backup was made"):
        call_command("backup", str(tmp_path), plain=plain)
    assert list(tmp_path.iterdir()) == []
    with house.open():
        assert not Pulse.objects.filter(name="backup").exists()


def test_one_at_a_time_and_after_a_killed_one(house, tmp_path):
    left = tmp_path / ".palier-2026-11-01T020000Z.tar.age.half"
    left.write_text("half")
    with house.open(), postgres.one_at_a_time(), pytest.raises(CommandError, match="Another"):
        call_command("backup", str(tmp_path))
    assert left.exists()
    with house.open():
        call_command("backup", str(tmp_path))
    assert not left.exists()


def test_old_backups_are_thinned_once_a_new_one_is_there(house, tmp_path, capsys):
    for day in range(1, 5):
        (tmp_path / f"palier-2026-11-0{day}T020000Z.tar.age").write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    with house.open():
        call_command("backup", str(tmp_path), keep=3)
    kept = sorted(path.name for path in tmp_path.glob("palier-*"))
    assert kept[:2] == ["palier-2026-11-03T020000Z.tar.age", "palier-2026-11-04T020000Z.tar.age"]
    assert len(kept) == 3
    assert (tmp_path / "notes.txt").exists()
    assert (tmp_path / kept[2]).stat().st_mode & 0o077 == 0
    said = capsys.readouterr().out
    assert "2 files" in said
    assert str(tmp_path / kept[2]) in said


@pytest.mark.parametrize(("recipient", "said"), [("", "--plain"), ("age1nonsense", "public key")])
def test_nothing_is_written_for_everybody_by_mistake(house, tmp_path, recipient, said):
    with house.open(), override_settings(PALIER_BACKUP_RECIPIENT=recipient):
        with pytest.raises(CommandError, match=said):
            call_command("backup", str(tmp_path))
        Pulse.objects.filter(name="backup").delete()
        with override_settings(PALIER_BACKUP_DIR=str(tmp_path)), pytest.raises(BackupError):
            tasks.backup()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def old_client(tmp_path):
    """A folder with the client of another release."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6 (Debian 9.6-1)'\n")
    (folder / "pg_dump").chmod(0o755)
    return folder


def test_an_old_client_on_the_path_is_passed_over(house, old_client, monkeypatch):
    monkeypatch.setenv("PATH", f"{old_client}{os.pathsep}{os.environ['PATH']}")
    with house.open():
        assert not postgres.program("pg_dump").startswith(str(old_client))


@pytest.mark.parametrize(("has_one", "said"), [(True, r"PostgreSQL\) 9\.6"), (False, "none was")])
def test_without_a_client_that_fits_the_message_says_so(
    house, tmp_path, old_client, monkeypatch, has_one, said
):
    monkeypatch.setattr(postgres, "_folders", lambda: [old_client] if has_one else [])
    backups = tmp_path / "backups"
    backups.mkdir()
    with house.open(), pytest.raises(CommandError, match=said):
        call_command("backup", str(backups))
    assert list(backups.iterdir()) == []


def test_the_night_makes_one_backup(house, tmp_path):
    with house.open(), moments.at(moments.real_now()):  # a pulse is on the database's clock
        Pulse.objects.filter(name="backup").delete()
        tasks.backup()
        assert list(tmp_path.iterdir()) == []
        with override_settings(PALIER_BACKUP_DIR=str(tmp_path)):
            tasks.backup()
            tasks.backup()
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-11-18T12:00", True),
        ("2026-11-18T01:05", "2026-11-18T23:00", False),
        ("2026-11-18T01:05", "2026-11-19T00:59", False),
        ("2026-11-18T01:05", "2026-11-19T01:01", True),
        ("2026-11-17T12:00", "2026-11-18T12:00", True),
        # The clocks go forward at 2 o'clock: that night has its backup too.
        ("2026-03-28T01:05", "2026-03-29T01:30", True),
    ],
)
def test_due_once_after_each_two_o_clock_in_the_house_s_zone(last, now, due):
    def moment(text):
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert nightly.is_due(last=last and moment(last), now=moment(now)) is due


@pytest.mark.django_db
def test_a_backup_older_than_26_hours_is_an_alarm(client, landlord, settings):
    for name in ("worker", "sender", "beat"):
        Pulse.beat(name)
    assert client.get("/readyz").status_code == 200
    settings.PALIER_BACKUP_DIR = "/srv/backups"
    assert client.get("/readyz").json()["culprits"] == ["backup"]
    Pulse.beat("backup")
    assert client.get("/readyz").status_code == 200
    client.force_login(member(landlord["head"], "admin").user)
    assert (
        "Dernière sauvegarde réussie" in client.get(reverse("operations:health")).content.decode()
    )
    late = Pulse.objects.get(name="backup").at - timedelta(hours=26, minutes=1)
    Pulse.objects.filter(name="backup").update(at=late)
    assert client.get("/readyz").json()["culprits"] == ["backup"]
    page = client.get(reverse("operations:health")).content.decode()
    assert "Aucune n’a réussi depuis plus de 26" in page
