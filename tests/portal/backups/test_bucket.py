"""Files in a bucket: the same doors, checks and backups as with a folder, and no address."""

import tarfile
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.urls import reverse

from agencies.imports import runs
from agencies.models import ImportRun
from portal.backups.restore import _save
from portal.clock import now
from portal.management.commands import move_files
from portal.object_storage import StorageAway
from requests import tasks
from requests.attachments import quarantine, uploads
from requests.attachments.models import Attachment
from requests.jobs import queue
from tests import clamd, factories, object_storage
from tests.portal.backups.conftest import files_in
from tests.requests.attachments import pdfs
from tests.requests.attachments.pictures import picture

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with object_storage.server(tmp_path_factory.mktemp("moto")) as found:
        yield found


@pytest.fixture
def bucket(address, request):
    name = request.node.originalname.replace("_", "-")[:60]
    with object_storage.kept_in(address, name):
        yield name


def upload(data: bytes, name: str = "a") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def test_files_are_written_read_and_removed(bucket, landlord, client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    claim = factories.leak(landlord, now())
    row = uploads.keep(upload(pdfs.PLAIN), claim=claim, channel="web", now=now())
    assert list(object_storage.objects()) == [row.file.name]
    agent = factories.member(landlord["north"], "agent").user
    client.force_login(agent)
    answer = client.get(reverse("agency:file", args=[row.pk]))
    assert b"".join(answer.streaming_content) == object_storage.objects()[row.file.name]
    assert answer["Cache-Control"] == "private, no-store"
    client.force_login(factories.member(landlord["south"], "agent").user)
    assert client.get(reverse("agency:file", args=[row.pk])).status_code == 404
    for ask in ("url", "path"):
        with pytest.raises(NotImplementedError):
            getattr(row.file, ask)
    row.file.delete(save=False)
    assert object_storage.objects() == {}
    client.force_login(agent)
    assert client.get(reverse("agency:file", args=[row.pk])).status_code == 404
    assert list(tmp_path.rglob("*")) == [], "nothing on our disk"


def test_no_object_can_be_read_without_our_key(bucket):
    default_storage.save("attachments/a", ContentFile(b"private"))
    acl = default_storage.bucket.Object("attachments/a").Acl()
    assert {grant["Grantee"]["Type"] for grant in acl.grants} == {"CanonicalUser"}
    other = default_storage.save("attachments/a", ContentFile(b"other"))
    assert other != "attachments/a", "nothing is overwritten"


def test_a_bucket_that_is_away_costs_the_file_and_not_the_words(landlord, client, caplog):
    with object_storage_away():
        _kept, refusals = uploads.keep_all(
            [upload(picture())], session="s", channel="web", now=now()
        )
        assert "plus de place" in refusals[0]
        assert "bucket" in client.get("/readyz").json()["culprits"]
        with pytest.raises(StorageAway):
            default_storage.exists("a")


def object_storage_away():
    options = {
        "bucket_name": "a",
        "endpoint_url": f"http://{clamd.closed_port()}",
        "region_name": "eu-west-3",
        "access_key": "key",
        "secret_key": "secret",
    }
    backend = {"BACKEND": "portal.object_storage.PrivateS3Storage", "OPTIONS": options}
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    return override_settings(STORAGES={"default": backend, "staticfiles": static})


def test_readyz_asks_the_bucket_instead_of_the_disk(bucket, client, db):
    checks = client.get("/readyz").json()["checks"]
    assert checks["bucket"]["ok"]
    assert "disk" not in checks


def test_what_is_in_a_bucket_is_checked_for_viruses(bucket, landlord, settings):
    server = clamd.Server()
    settings.PALIER_CLAMAV = server.address
    claim = factories.leak(landlord, now())
    for data in (picture(), pdfs.page(more={4: pdfs.stream(b"BT (%s) Tj ET" % clamd.SIGN)})):
        uploads.keep(upload(data), claim=claim, channel="web", now=now())
    queue.drain(tasks.HANDLERS, now)
    server.stop()
    states = set(Attachment.unscoped.values_list("virus_state", flat=True))
    assert states == {"clean", "refused"}
    with pytest.raises(quarantine.InQuarantine):
        Attachment.unscoped.get(virus_state="refused").file.read()


def test_an_import_is_read_from_a_bucket(bucket, landlord):
    head = factories.member(landlord["head"], "head_office").user
    run = runs.start(
        kind="rpls", upload=ContentFile(b"a;b\n1;2\n", name="x.csv"), by=head, now=now()
    )
    runs.drain(now)
    run.refresh_from_db()
    assert run.state == ImportRun.State.FAILED
    assert run.message, "read, and found to be another file"
    assert "notre côté" not in run.message


def test_files_move_from_the_folder_compared_and_again_after_a_break(
    house, address, tmp_path, capsys, monkeypatch
):
    before = files_in(house.media)
    journal = house.media / move_files.JOURNAL
    with house.open(), object_storage.kept_in(address, "moved"):
        names = sorted(before)
        default_storage.save(names[0], ContentFile(b"half"))  # what a break left
        real = move_files._copy

        def breaks(source, name):
            if name == names[1]:
                raise KeyboardInterrupt
            return real(source, name)

        monkeypatch.setattr(move_files, "_copy", breaks)
        with pytest.raises(KeyboardInterrupt):
            call_command("move_files")
        monkeypatch.undo()
        with journal.open("a") as torn:
            torn.write("0123")
        call_command("move_files")
        assert "1 files copied and compared, 1 before, 0 missing" in capsys.readouterr().out
        assert object_storage.objects() == before

        made = tmp_path / "backups"
        made.mkdir()
        call_command("backup", str(made), plain=True)
        with tarfile.open(next(made.iterdir())) as tar:
            saved = {
                member.name.removeprefix("files/"): tar.extractfile(member).read()
                for member in tar
                if member.name.startswith("files/")
            }
        assert saved == before, "a backup holds what the bucket holds"
        _save(names[0], BytesIO(b"restored"))
        assert object_storage.objects()[names[0]] == b"restored"
    journal.unlink()


def test_a_file_that_comes_back_changed_is_no_success(house, address, monkeypatch):
    with house.open(), object_storage.kept_in(address, "changed"):
        honest = default_storage._wrapped.open
        monkeypatch.setattr(
            default_storage._wrapped, "open", lambda *a: ContentFile(honest(*a).read() + b"x")
        )
        with pytest.raises(CommandError, match="another sha256"):
            call_command("move_files")
    (house.media / move_files.JOURNAL).unlink()
    with house.open(), pytest.raises(CommandError, match="PALIER_S3_BUCKET"):
        call_command("move_files")


def test_a_backup_is_restored_into_a_bucket(house, saved, elsewhere, address, tmp_path, capsys):
    """The rehearsal: all files in the bucket, none on our disk, served by the private link."""
    wanted = files_in(house.media)
    with object_storage.kept_in(address, "restored"):
        half, *_others = sorted(wanted)
        default_storage.save(half, ContentFile(b"half"))  # a restore that broke off
        call_command("restore", str(saved), identity=house.identity)
        assert f"{len(wanted)} files are restored" in capsys.readouterr().out
        assert object_storage.objects() == wanted
        row = Attachment.unscoped.select_related("claim").earliest("at")
        answer = Client().get(f"/s/{row.claim.token}/files/{row.pk}/")
        assert b"".join(answer.streaming_content) == wanted[row.file.name]
        lost, changed = sorted(wanted)
        default_storage.delete(lost)
        default_storage.delete(changed)
        default_storage.save(changed, ContentFile(b"another picture"))
        call_command("restore", str(saved), identity=house.identity, overwrite=True)
        assert object_storage.objects() == wanted
        call_command("backup", str(tmp_path), plain=True)
    again = next(tmp_path.glob("palier-*"))
    with object_storage.kept_in(address, "again"):
        call_command("restore", str(again), overwrite=True)
        assert object_storage.objects() == wanted
    assert not elsewhere.exists(), "nothing on our disk"


def test_a_restore_whose_bucket_is_away_says_so(house, saved, elsewhere):
    """The database is there, held; the same command with --overwrite goes on once it answers."""
    with object_storage_away(), pytest.raises(CommandError, match="bucket|storage"):
        call_command("restore", str(saved), identity=house.identity)
    assert queue.held_jobs().exists()
