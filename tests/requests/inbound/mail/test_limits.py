"""What one message may cost: time for all of it, files; and the trace it leaves."""

import time

import pytest

from requests.attachments import inbound_files
from requests.attachments.models import Attachment
from requests.channels import raw_bytes
from requests.channels.models import Intake
from requests.claims.models import Claim
from requests.inbound import imap, outcomes, reader, time_cap
from requests.inbound.reply import Reply
from requests.jobs.models import Job
from tests.requests.channels import mails as made
from tests.requests.inbound.mail.helpers import notes


def photos(number: int, data: bytes = b"\xff\xd8\xffphoto") -> bytes:
    items = [
        made.part(
            f'Content-Type: image/jpeg\nContent-Disposition: attachment; filename="{n}.jpg"', data
        )
        for n in range(number)
    ]
    return made.parts(made.TEXT, *items)


@pytest.fixture
def come(box, clock):
    """Store one raw mail and read it; returns its intake."""

    def read(raw: bytes) -> Intake:
        intake, _new = imap.store(box, raw, clock())
        reader.work(key="limits", now=clock(), intake_id=str(intake.pk))
        return Intake.unscoped.defer("raw").get(pk=intake.pk)

    return read


def test_the_cap_is_shorter_than_any_lease(settings):
    for lease in (30, 12, 3):
        settings.PALIER_LEASE = lease
        assert time_cap.seconds() <= lease * time_cap.SHARE < lease


@pytest.mark.weakness("workers held")
def test_pictures_count_against_the_cap_and_what_is_left_is_kept_unopened(monkeypatch):
    opened = []

    def slow(name, data, **kwargs):
        if kwargs.get("opened", True):
            opened.append(name)
            time.sleep(0.2)  # a decoder that takes its time
        return inbound_files.CleanFile(name, data, "image/jpeg")

    monkeypatch.setattr(outcomes.inbound_files, "clean", slow)
    names = [f"{n}.jpg" for n in range(30)]
    reply = Reply(sender="", text="", files=[(name, "image/jpeg", b"x") for name in names])
    ready = outcomes.clean_files(reply, 0.5)
    assert len(opened) <= 3
    assert [file.name for file in ready.clean] == names  # in the sender's order
    assert ready.left_out == []


def test_no_parser_swallows_the_end_of_its_time(come, settings, monkeypatch):
    settings.PALIER_LEASE = 0.3

    def endless(*_args, **_kwargs):
        while True:
            try:
                time.sleep(1)
            except Exception:  # noqa: S112 - as careless as a parser may be
                continue

    monkeypatch.setattr("requests.inbound.reader.email.parse", endless)
    intake = come(made.mail())
    assert (intake.state, "too_long" in intake.error) == ("failed", True)


def test_a_slow_database_is_no_fault_of_the_input(come, settings, monkeypatch):
    settings.PALIER_LEASE = 3  # on a busy machine reading the mail takes a second
    read = raw_bytes.read

    def slowly(*given):
        time.sleep(1.1 * time_cap.seconds())  # a server that restarts
        return read(*given)

    monkeypatch.setattr(raw_bytes, "read", slowly)
    intake = come(made.mail())
    assert (intake.state, intake.error) == ("parsed", "")


def test_files_beyond_the_limits_are_named_to_staff_and_sender(come, monkeypatch):
    monkeypatch.setattr(outcomes, "PER_MESSAGE", 3)
    monkeypatch.setattr(outcomes, "PER_CLAIM", 2)
    intake = come(photos(5))
    assert Attachment.unscoped.filter(claim=intake.claim).count() == 2
    (note,) = notes(intake.claim)
    assert "2.jpg, 3.jpg, 4.jpg" in note
    told = intake.claim.events.get(name="too_big")
    assert told.facts["text"] == "2.jpg, 3.jpg, 4.jpg"
    assert bytes(Intake.unscoped.get().raw).count(b"filename=") == 5


def test_a_row_that_somebody_holds_is_left_at_once(box, clock, monkeypatch):
    """Two workers never wait for one message: the second gives its attempt back."""
    from django.db import OperationalError

    intake, _new = imap.store(box, made.mail(), clock())

    def held(*_args, **_kwargs):
        raise OperationalError("could not obtain lock on row")

    monkeypatch.setattr("requests.inbound.replies._locked", held)
    with pytest.raises(OperationalError):
        reader.work(key="limits", now=clock(), intake_id=str(intake.pk))
    assert Intake.unscoped.get().state == "new"
    assert Claim.objects.system("test").count() == 0
    assert Job.objects.filter(kind="intake").count() == 1
