"""Raw inputs: stored before they are read. One that fails waits for a person (``sorting``)."""

import hashlib
from datetime import datetime

from django.db import transaction

from portal.models import User
from requests.channels import raw_bytes
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake, IntakeView
from requests.jobs.models import Job
from requests.jobs.queue import enqueue


def receive(
    *,
    channel: str,
    external_id: str,
    raw: bytes,
    now: datetime,
    mailbox: Mailbox | None = None,
    fingerprint: str = "",
    mail_id: str = "",
    truncated: bool = False,
) -> tuple[Intake, bool]:
    """Keep one raw input and the job that will read it. True when it is new; replays are not."""
    if len(external_id) > 300:
        external_id = hashlib.sha256(external_id.encode()).hexdigest()
    with transaction.atomic():
        intake, new = Intake.objects.system("receiving").get_or_create(
            channel=channel,
            external_id=external_id,
            defaults={
                "raw": raw if len(raw) <= raw_bytes.WRITTEN else b"",
                "received_at": now,
                "mailbox": mailbox,
                "unit": mailbox.unit if mailbox else None,
                "fingerprint": fingerprint,
                "mail_id": mail_id[:300],
                "truncated": truncated,
            },
        )
        if new and len(raw) > raw_bytes.WRITTEN:
            raw_bytes.write(intake, "raw", raw)
        if new:
            read_soon(intake)
    return intake, new


def read_soon(intake: Intake) -> None:
    """Enqueue the job of one attempt to read it."""
    enqueue(Job.Kind.INTAKE, f"{intake.pk}:{intake.attempts}", intake_id=str(intake.pk))


def note_opening(intake: Intake, by: User, now: datetime) -> None:
    """Log that a person opened a raw input."""
    IntakeView.objects.create(intake=intake, actor=by, at=now)


def fail(intake: Intake, error: str) -> None:
    """Leave the input to a person, with what went wrong."""
    Intake.objects.system("receiving").filter(pk=intake.pk, state=Intake.State.NEW).update(
        state=Intake.State.FAILED, error=error[:2000].replace("\0", "")
    )
