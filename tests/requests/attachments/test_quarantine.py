"""A file from outside opens once the virus scanner has looked at it, whichever door it came by."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import models
from django.template.loader import render_to_string
from django.urls import reverse

from agencies.imports import runs
from agencies.models import ImportRun
from portal.clock import now
from requests import tasks
from requests.attachments import quarantine, uploads
from requests.attachments.models import Attachment
from requests.attachments.quarantine import InQuarantine, Quarantined
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.claims.models import Claim
from requests.inbound import imap, reader, whatsapp_content
from requests.jobs import queue
from requests.jobs.models import Job
from requests.letters import scans
from requests.letters.models import ScanFile
from requests.operations.metrics import gauges
from requests.privacy import exports
from requests.privacy.models import PersonExport
from tests import clamd
from tests.factories import category, leak, member, tenant
from tests.requests.attachments import pdfs
from tests.requests.attachments.pictures import picture
from tests.requests.channels import mails as made

pytestmark = pytest.mark.long

ILL = pdfs.page(more={4: pdfs.stream(b"BT /F1 24 Tf 20 100 Td (%s) Tj ET" % clamd.SIGN)})
# Made here, or opened by no person: never handed out as it came.
OWN = {
    "requests.Letter.file": "drawn by us",
    "requests.ScanPage.thumb": "a small picture made in the sandbox",
    "requests.PersonExport.file": "a ZIP of ours, of open files only",
    "agencies.ImportRun.file": "checked before it is read (agencies/imports/runs.py)",
    "agencies.ImportRun.rejects": "written by us",
}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def daemon(settings):
    server = clamd.Server()
    settings.PALIER_CLAMAV = server.address
    yield server
    server.stop()


@pytest.fixture
def away(settings):
    settings.PALIER_CLAMAV = clamd.closed_port()


def upload(data: bytes, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="application/octet-stream")


def check_all() -> None:
    queue.drain(tasks.HANDLERS, now)


def by_web(claim, data):
    (draft,), refusals = uploads.keep_all(
        [upload(data, "a")], session="s", channel="web", now=now()
    )
    assert not refusals
    uploads.join(session="s", claim=claim, now=now())
    return draft


def by_contractor(claim, data):
    return uploads.keep(upload(data, "a"), claim=claim, channel="web", now=now())


def by_mail(claim, data):
    category("ADM-14", "A1", "crc")
    box = Mailbox.objects.create(slug="agence", address="palier@bailleur.example")
    head = 'Content-Type: application/pdf\nContent-Disposition: attachment; filename="a.pdf"'
    imap.store(box, made.parts(made.TEXT, made.part(head, data)), now())
    check_intakes()
    return Attachment.unscoped.get()


def by_messaging(claim, data, monkeypatch=None):
    category("ADM-14", "A1", "crc")
    body = b"""{"message": {"from": "33639981234", "id": "w1", "type": "document", "document":
        {"id": "1", "filename": "a.pdf", "mime_type": "application/pdf"}}}"""
    intake = Intake.unscoped.create(channel="social", external_id="w1", raw=body, received_at=now())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whatsapp_content, "_fetch", lambda number: data)
        reader.work(key="x", now=now(), intake_id=str(intake.pk))
    return Attachment.unscoped.get()


def by_scan(claim, data):
    agent = member(claim.residence.unit, "agent")
    scan, refusals = scans.receive(
        uploads=[upload(data, "a")], membership=agent, received_on=now().date(), now=now()
    )
    assert not refusals
    return scan.files.get()


def check_intakes() -> None:
    """Read what arrived, but check no file yet."""
    handlers = tasks.HANDLERS | {Job.Kind.VIRUS: later}
    queue.drain(handlers, now)
    Job.objects.filter(kind=Job.Kind.VIRUS).update(attempts=0, next_at=now())


def later(**_facts) -> None:
    raise RuntimeError("not yet")


DOORS = (by_web, by_contractor, by_mail, by_messaging, by_scan)


@pytest.mark.parametrize("door", DOORS)
def test_every_door_closes_the_file_until_it_is_checked(landlord, daemon, door):
    claim = leak(landlord, now())
    row = door(claim, ILL)
    assert row.virus_state == "waiting"
    for read in (lambda: row.file.open("rb"), lambda: row.file.read(), lambda: row.file.path):
        with pytest.raises(InQuarantine, match="en cours de contrôle"):
            read()
    check_all()
    row = type(row).unscoped.get(pk=row.pk)
    assert (row.virus_state, row.virus_name) == ("refused", clamd.NAME)
    with pytest.raises(InQuarantine, match=clamd.NAME):
        row.file.open("rb")
    assert row.file.storage.size(row.file.name) == row.size, "kept: a scanner may be wrong"


def test_a_clean_file_opens(landlord, daemon, client):
    claim = leak(landlord, now())
    row = by_web(claim, picture())
    client.force_login(member(landlord["north"], "agent").user)
    address = reverse("agency:file", args=[row.pk])
    shut = client.get(address)
    assert shut.status_code == 403
    assert "a.jpg" in shut.content.decode()
    check_all()
    assert client.get(address).status_code == 200
    assert Attachment.unscoped.get().virus_state == "clean"


def test_without_a_scanner_nothing_waits(landlord):
    row = by_web(leak(landlord, now()), picture())
    assert row.file.read().startswith(b"\xff\xd8")
    assert not Job.objects.filter(kind=Job.Kind.VIRUS).exists()


def test_pages_say_what_waits_and_what_was_refused(landlord, daemon, client):
    claim = leak(landlord, now())
    row = by_web(claim, ILL)
    link = reverse("follow_file", args=[claim.token, row.pk])
    agent = member(landlord["north"], "agent").user

    def pages() -> list[str]:
        found = [client.get(f"/s/{claim.token}/").content.decode()]
        client.force_login(agent)
        found.append(client.get(reverse("agency:claim", args=[claim.pk])).content.decode())
        client.logout()
        return found

    for page in pages():
        assert "a.pdf" in page
        assert "en cours de contrôle" in page
        assert link not in page
        assert reverse("agency:file", args=[row.pk]) not in page
    check_all()
    for page in pages():
        assert clamd.NAME in page
        assert link not in page
    assert client.get(link).status_code == 403


def test_the_form_shows_a_file_that_is_being_checked(landlord, daemon, client):
    uploads.keep_all([upload(picture(), "a")], session="s", channel="web", now=now())
    draft = Attachment.unscoped.get()
    page = client.get("/").wsgi_request  # a request of this browser
    html = render_to_string(
        "requests/tenant_pages/words.html", {"files": [draft], "form": {}, "step": 3}, page
    )
    assert "a.jpg" in html
    assert reverse("file_photo", args=[draft.pk]) not in html


def test_a_scan_is_not_made_into_letters_before_it_is_checked(landlord, daemon):
    blank = BytesIO(picture(size=(300, 400)))
    file = by_scan(leak(landlord, now()), blank.getvalue())
    file.scan.pages.update(left_out=False)
    with pytest.raises(uploads.Refused, match="en cours de contrôle"):
        scans.split(scan=file.scan, now=now())
    check_all()
    assert scans.split(scan=file.scan, now=now())


def test_a_scanner_that_is_away_opens_nothing_and_is_asked_again(landlord, away, settings):
    row = by_web(leak(landlord, now()), picture())
    check_all()
    job = Job.objects.get(kind=Job.Kind.VIRUS)
    assert (job.attempts, job.done_at) == (1, None)
    Job.objects.update(attempts=Job.MAX_ATTEMPTS, next_at=now())
    assert quarantine.sweep() == 0, "nobody answers yet"
    with pytest.raises(InQuarantine):
        Attachment.unscoped.get(pk=row.pk).file.open("rb")
    server = clamd.Server()
    settings.PALIER_CLAMAV = server.address
    assert quarantine.sweep() == 1
    check_all()
    server.stop()
    assert Attachment.unscoped.get(pk=row.pk).file.read()


def test_a_file_that_cannot_be_scanned_stays_shut_and_reaches_a_person(landlord, daemon):
    row = by_web(leak(landlord, now()), picture())
    with row.file.storage.open(row.file.name, "wb") as stored:
        stored.write(b"x" * (clamd.MOST + 1))
    for _attempt in range(Job.MAX_ATTEMPTS):
        check_all()
        Job.objects.filter(kind=Job.Kind.VIRUS).update(next_at=now())
    assert quarantine.sweep() == 0, "the same file would fail again"
    (job,) = Job.objects.dead()
    assert "size limit" in job.error
    assert Attachment.unscoped.get(pk=row.pk).virus_state == "waiting"


def test_a_row_that_no_door_ordered_is_found(landlord, daemon):
    claim = leak(landlord, now())
    row = Attachment(
        claim=claim, kind="photo", channel="web", name="a", content_type="", size=1, at=now()
    )
    row.file.save("", ContentFile(b"x"), save=False)
    Attachment.unscoped.bulk_create([row])
    assert Attachment.unscoped.get().virus_state == "waiting"
    assert quarantine.sweep() == 1
    check_all()
    assert Attachment.unscoped.get().virus_state == "clean"


def test_files_from_before_the_scanner_are_checked_on_request(landlord, settings, capsys):
    row = by_web(leak(landlord, now()), ILL)
    server = clamd.Server()
    settings.PALIER_CLAMAV = server.address
    assert row.file.read(), "open as before until then"
    call_command("check_files")
    check_all()
    assert Attachment.unscoped.get().virus_state == "refused"
    call_command("check_files")
    assert "0 files" in capsys.readouterr().out.splitlines()[-1]
    settings.PALIER_CLAMAV, patch = server.address, pytest.MonkeyPatch()
    patch.setattr(clamd, "SIGN", b"something else")  # a correction of the signatures
    call_command("check_files", "--again")
    check_all()
    patch.undo()
    server.stop()
    assert Attachment.unscoped.get().virus_state == "clean"


def test_metrics_count_what_is_closed(landlord, daemon):
    def closed() -> dict:
        (found,) = [one for one in gauges() if one.name == "palier_quarantine_files"]
        return found.values

    by_web(leak(landlord, now()), ILL)
    assert closed() == {("waiting",): 1, ("refused",): 0}
    check_all()
    assert closed() == {("waiting",): 0, ("refused",): 1}


def test_a_persons_copy_holds_open_files_alone(landlord, daemon):
    claim = leak(landlord, now())
    Claim.objects.system("test").filter(pk=claim.pk).update(tenant=tenant(landlord["dwelling"]))
    claim.refresh_from_db()
    for data in (ILL, picture()):
        by_contractor(claim, data)
    check_all()
    copy = PersonExport(tenant=claim.tenant, asked_at=now())
    assert [name.rpartition("-")[2] for name, _row in exports._files(copy)] == ["a.jpg"]


def test_an_import_is_checked_before_it_is_read(landlord, daemon, settings):
    head = member(landlord["head"], "head_office").user
    rows = b"a;b;c\n1;2;" + clamd.SIGN + b"\n"
    run = runs.start(kind="rpls", upload=ContentFile(rows, name="x.csv"), by=head, now=now())
    settings.PALIER_CLAMAV, up = clamd.closed_port(), settings.PALIER_CLAMAV
    runs.drain(now)
    run.refresh_from_db()
    assert (run.state, run.attempts) == (ImportRun.State.CHECKING, 0)
    settings.PALIER_CLAMAV = up
    ImportRun.objects.update(next_at=now() - timedelta(seconds=1))
    runs.drain(now)
    run.refresh_from_db()
    assert run.state == ImportRun.State.FAILED
    assert clamd.NAME in run.message


def test_every_field_with_files_is_guarded_or_our_own():
    fields = {
        f"{model._meta.label}.{field.name}": field
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.FileField)
    }
    guarded = {
        name
        for name, field in fields.items()
        if isinstance(field, quarantine.QuarantinedFileField)
        and issubclass(field.model, Quarantined)
    }
    assert guarded == {"requests.Attachment.file", "requests.ScanFile.file"}
    assert fields.keys() - guarded == OWN.keys()
    assert {ScanFile, Attachment} == set(quarantine.checked_models().values())
