"""A full disk loses no word: photos are refused with the words kept, mails are read later."""

import errno
from datetime import timedelta
from email.message import EmailMessage
from io import BytesIO

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.functions import Now
from django.utils.html import escape
from PIL import Image

from portal.clock import now
from requests import tasks
from requests.attachments import uploads
from requests.channels import intake as intakes
from requests.channels.models import Intake
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.jobs import queue
from requests.jobs.models import Job
from tests.factories import category
from tests.requests.tenant_pages import walk

WORDS = "Il pleut dans la chambre de ma fille"


def picture(size=(320, 200), kind="JPEG") -> bytes:
    out = BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(out, kind)
    return out.getvalue()


@pytest.fixture
def full():
    """Let the store answer as a full disk does; call it to make room again."""

    def no_room(*_args, **_options):
        raise OSError(errno.ENOSPC, "No space left on device")

    patch = pytest.MonkeyPatch()
    patch.setattr(FileSystemStorage, "_save", no_room)
    yield patch.undo
    patch.undo()


def begin(client) -> None:
    client.post("/file/fault/water/", {"category": "PLO-03"})
    client.post("/file/where/", {"address": "1 place Neuve", "home": "other"})


@pytest.mark.weakness("disk full")
def test_a_photo_is_refused_and_the_request_goes_on_without_it(client, landlord, full):
    begin(client)
    photo = SimpleUploadedFile("a.jpg", picture(), "image/jpeg")
    answer = client.post("/file/words/", {"words": WORDS, "photos": [photo]})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert WORDS in page
    assert escape(str(uploads.FULL)) in page
    sent = walk.after_where(client, words=WORDS)
    assert "/s/" in sent["Location"]
    assert Claim.objects.system("test").get().words == WORDS


def test_a_large_photo_that_finds_no_room_in_the_temporary_folder(client, landlord, settings):
    settings.FILE_UPLOAD_TEMP_DIR = "/nonexistent/folder"
    large = picture((1800, 1400), "PNG")
    assert len(large) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    begin(client)
    photo = SimpleUploadedFile("a.png", large, "image/png")
    answer = client.post("/file/words/", {"words": WORDS, "photos": [photo]})
    assert answer.status_code == 422
    assert WORDS in answer.content.decode()
    assert escape(str(uploads.FULL)) in answer.content.decode()


def mail_with_photo() -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "awa@example.test", "agence@palier.example"
    mail["Subject"], mail["Message-ID"] = "Fuite", "<1@example.test>"
    mail.set_content(WORDS)
    mail.add_attachment(picture(), maintype="image", subtype="jpeg", filename="a.jpg")
    return mail.as_bytes()


def test_a_mail_with_a_photo_is_read_once_there_is_room(landlord, full):
    category("ADM-14", "A2", "desk")
    intakes.receive(channel="email", external_id="1", raw=mail_with_photo(), now=now())
    queue.drain(tasks.HANDLERS, now)
    job = Job.objects.get(kind="intake")
    assert (job.attempts, job.hiccups, job.done_at) == (0, 1, None)
    assert not Claim.objects.system("test").exists()
    full()
    Job.objects.filter(pk=job.pk).update(next_at=Now())
    queue.drain(tasks.HANDLERS, now)
    assert WORDS in Message.unscoped.get().text
    assert Claim.objects.system("test").get().attachments.count() == 1


def test_a_mail_is_left_to_a_person_when_the_disk_stays_full(landlord, full):
    category("ADM-14", "A2", "desk")
    intakes.receive(channel="email", external_id="1", raw=mail_with_photo(), now=now())
    queue.drain(tasks.HANDLERS, lambda: now() + timedelta(hours=2))
    found = Intake.unscoped.get()
    assert found.state == Intake.State.FAILED
    assert WORDS.encode() in bytes(found.raw)
