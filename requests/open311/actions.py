"""Make keys for Open311 applications; store and file the reports they post."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db import transaction
from django.utils import timezone

from portal.actor import Actor
from requests.attachments import inbound_files, uploads
from requests.attachments.inbound_files import CleanFile
from requests.channels import intake as intakes
from requests.channels.models import Intake
from requests.filing.actions import Filing, KeyReused, file_claim
from requests.kit.choices import Channel
from requests.open311.models import Open311Key

SAME_WITHIN = timedelta(
    hours=24
)  # within this time, an equal report without its own number is a repeat


def make_key(row: Open311Key, *, now: datetime, by) -> str:
    """Save ``row`` with a new key and return the key; only its digest is stored."""
    key = secrets.token_urlsafe(24)
    row.start, row.digest = key[:6], Open311Key.digest_of(key)
    row.made_at, row.made_by = now, by
    row.save()
    return key


def receive(
    *,
    key: Open311Key,
    fields: list[tuple[str, str]],
    client_id: str,
    digest: str,
    now: datetime,
    photos: Sequence = (),
) -> tuple[Intake, bool, list[str]]:
    """Store one posted report; the flag is True when it is new, then why photos were refused.

    Photos wait as drafts until the report is read. A report is not lost for a bad photo.
    ``client_id`` is the application's own number for the report. Without one, an equal report (same
    ``digest``) within a day counts as a repeat. Raises ``KeyReused`` when the number came with
    other content.
    """
    raw = urlencode(fields).encode()
    own = f"{key.pk}/id/{client_id}"
    if not client_id:
        begins = f"{key.pk}/same/{digest}"
        last = (
            Intake.objects.system("Open311 filing")
            .filter(
                channel=Channel.OPEN311,
                external_id__startswith=begins,
                received_at__gt=now - SAME_WITHIN,
            )
            .order_by("-received_at")
            .values_list("external_id", flat=True)
            .first()
        )
        own = last or f"{begins}/{timezone.localdate(now).isoformat()}"
    refused: list[str] = []
    known = Intake.objects.system("Open311 filing").filter(channel=Channel.OPEN311, external_id=own)
    if photos and not known.exists():
        # Before the report, which a worker may read at once.
        _kept, refused = uploads.keep_all(
            photos, session=_drafts_of(own), channel=Channel.OPEN311, now=now
        )
    intake, new = intakes.receive(channel=Channel.OPEN311, external_id=own, raw=raw, now=now)
    if not new and bytes(intake.raw) != raw:
        raise KeyReused(client_id)
    return intake, new, refused


def _drafts_of(external_id: str) -> str:
    """Return under which word the photos of a report wait."""
    return f"open311-{hashlib.sha256(external_id.encode()).hexdigest()[:50]}"


def join_photos(intake: Intake, now: datetime) -> None:
    """Make the photos that came with an update files of its message; call it in a transaction."""
    if intake.claim:
        session = _drafts_of(intake.external_id)
        uploads.join(session=session, claim=intake.claim, message=intake.message, now=now)


@transaction.atomic
def file_report(
    *, intake_id, filing: Filing, sender: str, now: datetime, photos: Sequence[CleanFile] = ()
) -> Intake:
    """File the claim of one stored report, once, with the photos that came with it.

    ``photos`` are those that were fetched from addresses in the report.
    """
    intake = (
        Intake.objects.system("Open311 filing").select_for_update(of=("self",)).get(pk=intake_id)
    )
    if intake.state != Intake.State.NEW:
        return intake
    claim = file_claim(filing, actor=Actor.TENANT, now=now)
    intake.claim, intake.message = claim, claim.messages.first()
    uploads.join(
        session=_drafts_of(intake.external_id), claim=claim, message=intake.message, now=now
    )
    for place, photo in enumerate(photos):
        inbound_files.keep(
            photo,
            claim=claim,
            message=intake.message,
            channel=Channel.OPEN311,
            now=now,
            place=uploads.MOST + place,
        )
    intake.sender, intake.text = sender[:254], filing.words
    intake.state, intake.error, intake.belongs = Intake.State.PARSED, "", bool(sender)
    intake.save()
    return intake
