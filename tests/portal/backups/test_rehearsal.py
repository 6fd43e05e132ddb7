"""The rehearsal: back up, lose everything, restore elsewhere; and all that must be refused."""

import base64
import hashlib
import io
import json
import re
import subprocess
import tarfile
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection
from django.test import override_settings

from portal.audit import anchors, sealer
from portal.backups import archive, keys
from portal.backups.postgres import EMPTY, program
from portal.clock import now
from portal.database.owner import as_owner
from portal.models import SentForm, User
from requests import tasks
from requests.claims.models import Claim
from requests.jobs import queue
from requests.notifications.models import Delivery
from tests.portal.backups.conftest import counts, files_in

pytestmark = pytest.mark.long

# A key file as `age -p` writes it, with little work in its scrypt.
PASSPHRASE = "quatre arbres au bord de l'eau"
PUBLIC = "age1dnycn0u9z2hrdyzhseuy9ygatvrv2kump7xk5gyx3prsgzymkc4sp2hl00"
KEY_FILE = (
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCArMzhQcFRSQXZwQTBpTEJPVk1Lc2VBIDEwCmNTRlZEWUpGQWdM"
    "OE5ETmxHejgza0tIamhmcmhVRUVFWmVGeUFMZm9DdjQKLS0tIGZHaW16WE9wdGFMTm10b1F2SENOdlJDNlVNYXdtOElZ"
    "ODhwUFBlL2FibDAKtlj1liJ0cRs2G9yuDAQjGB+qKR2k7TieNS/R/lVP/k0GBpyHhuPpCDQKjTeN8NE4DTs2PX/T19Xq"
    "kX1pE4B030LmIfuxBOJEYS3wGMqScaqW6vAEOVJWzJCgazm2bg0/FrGn3qVfu2adIzo="
)


def restore(path, **options) -> None:
    call_command("restore", str(path), **options)


def nothing_is_there(media) -> bool:
    return counts() == {} and not media.exists()


def packed(bodies: dict[str, bytes], manifest: dict, path: Path) -> Path:
    """Write a readable backup whose manifest says what ``manifest`` says."""
    bodies["manifest.json"] = json.dumps(manifest).encode()
    bodies["manifest.sha256"] = hashlib.sha256(bodies["manifest.json"]).hexdigest().encode()
    with tarfile.open(path, "w") as tar:
        for name, body in bodies.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
    return path


def test_after_a_disaster_everything_is_there_and_nothing_leaves(house, saved, elsewhere, capsys):
    with house.open():
        files = files_in(house.media)
        claim = Claim.objects.system("test").get()
    head = house.heads[saved]
    rows = house.rows[saved]
    assert rows["requests_attachment"] == 2
    assert len(files) == 2
    restore(saved, identity=house.identity)
    said = capsys.readouterr().out
    assert counts() == rows
    assert files_in(elsewhere) == files
    assert Claim.objects.system("test").get().token == claim.token
    assert re.search(r"Restored in \d+\.\d s", said)
    assert re.search(r"[1-9]\d* pieces of work are held", said)
    assert anchors.current() == head
    assert head[1] in said
    call_command("audit", "verify")

    mail.outbox = []
    queue.drain(tasks.HANDLERS, now)
    assert mail.outbox == []
    assert set(Delivery.unscoped.values_list("state", flat=True)) == {"queued"}
    call_command("outgoing", "release")
    while queue.drain(tasks.HANDLERS, now):
        pass
    assert [m.to for m in mail.outbox] == [["awa@example.test"]]


def test_a_database_in_use_is_written_over_only_when_told(house, saved, elsewhere):
    restore(saved, identity=house.identity)
    User.objects.create_user("later@example.test")
    with pytest.raises(CommandError, match="not empty"):
        restore(saved, identity=house.identity)
    assert User.objects.filter(email="later@example.test").exists()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE of_a_later_release (id int)")
        cursor.execute("DROP TABLE requests_claim CASCADE")
    lost, changed = files_in(elsewhere)
    (elsewhere / lost).unlink()
    (elsewhere / changed).write_bytes(b"another picture")
    restore(saved, identity=house.identity, overwrite=True)
    assert counts() == house.rows[saved]
    assert files_in(elsewhere) == files_in(house.media)
    # The restored tables are the owner's, and the application works on them again.
    User.objects.create_user("afterwards@example.test")
    if settings.PALIER_DATABASE_OWNER:
        with pytest.raises(ProgrammingError, match="owner"), connection.cursor() as cursor:
            cursor.execute("DROP TABLE requests_claim")


def test_a_damaged_backup_is_refused_before_anything_is_touched(house, saved, elsewhere, tmp_path):
    whole = saved.read_bytes()
    damaged = tmp_path / saved.name
    for at in (5, 60, *(int(len(whole) * part) for part in (0.02, 0.3, 0.6, 0.99))):
        changed = bytearray(whole)
        changed[at] ^= 1
        for body in (changed, whole[:at]):
            damaged.write_bytes(body)
            with pytest.raises(CommandError):
                restore(damaged, identity=house.identity)
    assert nothing_is_there(elsewhere)


def test_a_readable_backup_vouches_for_every_part(house, elsewhere, tmp_path):
    path = house.backup("plain", plain=True)
    with tarfile.open(path) as tar:
        members = tar.getmembers()
        assert "keys.json" not in tar.getnames()
    for member in members:
        body = bytearray(path.read_bytes())
        body[member.offset_data + member.size // 2] ^= 1
        damaged = tmp_path / path.name
        damaged.write_bytes(body)
        with pytest.raises(CommandError):
            restore(damaged)
        del body[member.offset : member.offset_data + -(-member.size // 512) * 512]
        damaged.write_bytes(body)
        with pytest.raises(CommandError):
            restore(damaged)
    assert nothing_is_there(elsewhere)
    restore(path)
    assert Claim.objects.system("test").count() == 1


def test_rows_that_are_lost_on_the_way_are_told_and_nothing_leaves(house, elsewhere, tmp_path):
    path = house.backup("of another count", plain=True)
    with tarfile.open(path) as tar:
        bodies = {member.name: tar.extractfile(member).read() for member in tar}
    manifest = json.loads(bodies["manifest.json"])
    manifest["rows"]["requests_claim"] += 1
    with pytest.raises(CommandError, match="requests_claim"):
        restore(packed(bodies, manifest, tmp_path / "other.tar"))
    assert queue.drain(tasks.HANDLERS, now) == 0
    assert queue.held_jobs().exists()


def test_an_audit_trail_that_ends_elsewhere_is_told(house, elsewhere, tmp_path):
    path = house.backup("of another head", plain=True)
    with tarfile.open(path) as tar:
        bodies = {member.name: tar.extractfile(member).read() for member in tar}
    manifest = json.loads(bodies["manifest.json"])
    manifest["audit"][1] = "0" * 64
    with pytest.raises(CommandError, match="audit trail"):
        restore(packed(bodies, manifest, tmp_path / "other.tar"))


def test_a_key_file_opens_with_its_passphrase_only(house, saved, elsewhere, tmp_path, monkeypatch):
    file = tmp_path / "key.age"
    file.write_bytes(base64.b64decode(KEY_FILE))
    monkeypatch.setenv("PALIER_BACKUP_PASSPHRASE", PASSPHRASE)
    assert str(keys.read_key(file, lambda: PASSPHRASE).to_public()) == PUBLIC
    with pytest.raises(CommandError, match="No matching keys"):
        restore(saved, identity=file)  # another house's
    with house.open(), override_settings(PALIER_BACKUP_RECIPIENT=PUBLIC):
        call_command("backup", str(tmp_path))
    path = next(tmp_path.glob("palier-*"))
    monkeypatch.setenv("PALIER_BACKUP_PASSPHRASE", "another one")
    with pytest.raises(CommandError, match="Wrong passphrase"):
        restore(path, identity=file)
    with pytest.raises(CommandError, match="--identity"):
        restore(path)
    assert nothing_is_there(elsewhere)
    monkeypatch.setenv("PALIER_BACKUP_PASSPHRASE", PASSPHRASE)
    restore(path, identity=file)
    assert Claim.objects.system("test").count() == 1


def test_a_new_key_is_for_its_owner_and_replaces_none(tmp_path, capsys):
    file = tmp_path / "key.txt"
    call_command("backup", make_key=str(file))
    said = capsys.readouterr().out.strip()
    assert str(keys.read_key(file, str).to_public()) == said
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(CommandError, match="exists"):
        call_command("backup", make_key=str(file))


def test_code_that_is_older_than_the_backup_is_refused(house, elsewhere):
    with house.open(), as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('portal', '9999_later', now())"
        )
    path = house.backup("newer")
    with house.open(), as_owner(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE name = '9999_later'")
    with pytest.raises(CommandError, match="9999_later"):
        restore(path, identity=house.identity)
    assert nothing_is_there(elsewhere)


def test_newer_code_migrates_what_it_restores(house, elsewhere, capsys):
    def has_newest_table() -> bool:
        return SentForm._meta.db_table in connection.introspection.table_names()

    with house.open():
        call_command("migrate", "portal", "0006", verbosity=0)
        assert not has_newest_table()
    path = house.backup("older")
    with house.open():
        call_command("migrate", "portal", verbosity=0)
        sealer.run(now() + timedelta(hours=1))
    restore(path, identity=house.identity)
    assert "migrated" in capsys.readouterr().out
    assert has_newest_table()
    assert queue.held_jobs().exists()


def test_processes_that_still_run_are_told_to_stop(house, saved, elsewhere):
    worker = connection.copy()
    with worker.cursor() as cursor:
        cursor.execute("SELECT 1")
        with pytest.raises(CommandError, match="stop web, worker"):
            restore(saved, identity=house.identity)
    worker.close()
    assert nothing_is_there(elsewhere)


def test_the_keys_come_out_alone(house, saved, elsewhere, tmp_path, settings, capsys):
    file = tmp_path / "keys.env"
    restore(saved, identity=house.identity, keys=file)
    assert f"SECRET_KEY={settings.SECRET_KEY}\n" in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert nothing_is_there(elsewhere)
    settings.SECRET_KEY = "another"
    restore(saved, identity=house.identity)
    assert "SECRET_KEY is another one" in capsys.readouterr().out


def test_the_format_is_open_without_us(house, saved, tmp_path):
    """age and tar are enough, and what they give is what pg_restore reads."""
    identity = keys.read_key(house.identity, str)
    plain = tmp_path / "backup.tar"
    plain.write_bytes(pyrage.decrypt(saved.read_bytes(), [identity]))
    subprocess.run(["tar", "-xf", plain, "-C", tmp_path], check=True)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["rows"]["requests_claim"] == 1
    dump = b"".join(p.read_bytes() for p in sorted((tmp_path / "database").iterdir()))
    with house.open():
        listing = [program("pg_restore"), "--list"]
    done = subprocess.run(listing, input=dump, capture_output=True)
    assert b"TABLE DATA public requests_claim" in done.stdout


def test_everybody_signs_in_again(house, elsewhere, client):
    with house.open():
        client.force_login(User.objects.get(email="awa@example.test"))
    path = house.backup("signed in")
    with house.open():
        client.logout()
    restore(path, identity=house.identity)
    assert not Session.objects.exists()


def test_a_file_that_the_storage_lost_is_named_and_costs_no_backup(house, elsewhere, capsys):
    with house.open():
        name = next(iter(files_in(house.media)))
        body = (house.media / name).read_bytes()
        (house.media / name).unlink()
    path = house.backup("lost")
    (house.media / name).write_bytes(body)
    assert name in capsys.readouterr().err
    restore(path, identity=house.identity)
    assert name in capsys.readouterr().out
    assert name not in files_in(elsewhere)
    assert archive.verify(path, keys.read_key(house.identity, str))["missing"] == [name]


def test_a_table_is_dropped_before_the_sequence_of_its_column(db):
    """The other way round is refused; which came first was left to chance."""
    with connection.cursor() as cursor:
        cursor.execute(EMPTY.replace("EXECUTE coalesce(", "RAISE NOTICE '%', coalesce("))
    kinds = re.findall(r"DROP ([A-Z ]+) IF EXISTS", connection.connection.notices[-1])
    first, last = kinds.index("SEQUENCE"), len(kinds) - kinds[::-1].index("TABLE")
    assert last <= first
