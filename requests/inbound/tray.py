"""The tray: a person sorts what could not be read, or was set aside."""

from datetime import datetime

from django.db import transaction

from portal.actor import Actor
from portal.models import User
from requests.channels.intake import read_soon
from requests.channels.models import Intake
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import record, touch
from requests.inbound.new_claims import file_new_claim
from requests.inbound.outcomes import clean_files, keep_files, mark_read
from requests.inbound.reply import Reply
from tenants.models import Tenant


@transaction.atomic
def replay(*, intake: Intake, now: datetime, by: User | None = None) -> bool:
    """Read the stored input again; False when somebody has sorted it meanwhile."""
    row = _waiting(intake)
    if row is None:
        return False
    row.state, row.error, row.attempts = Intake.State.NEW, "", row.attempts + 1
    row.sorted_by, row.sorted_at = by, now
    row.save(update_fields=["state", "error", "attempts", "sorted_by", "sorted_at"])
    read_soon(row)
    return True


@transaction.atomic
def discard(*, intake: Intake, reason: str, now: datetime, by: User | None = None) -> bool:
    """Set the input aside with a reason; the raw input stays."""
    row = _waiting(intake)
    if row is None:
        return False
    row.state, row.error = Intake.State.DISCARDED, reason
    row.sorted_by, row.sorted_at = by, now
    row.save(update_fields=["state", "error", "sorted_by", "sorted_at"])
    return True


def attach(*, intake: Intake, reply: Reply, claim: Claim, now: datetime, by: User | None) -> bool:
    """Attach the input to the claim that a person chose; False when somebody else was faster."""
    reply = clean_files(reply)
    with transaction.atomic():
        row = _waiting(intake)
        if row is None:
            return False
        row.sorted_by, row.sorted_at = by, now
        message = Message.objects.create(
            claim=claim,
            text=reply.text or reply.subject or "…",
            direction=Message.Direction.IN,
            channel=row.channel,
            at=now,
        )
        keep_files(claim, message, reply, row.channel, now)
        touch(claim)
        record(claim, Event.MESSAGE_IN, actor=Actor.tenant(by), now=now, message=str(message.pk))
        row.fingerprint = ""  # A person decided: the same mail read elsewhere does not forbid it.
        mark_read(row, reply, claim, message)
    return True


def file_new(
    *, intake: Intake, reply: Reply, now: datetime, by: User | None, tenant: Tenant | None = None
) -> Claim | None:
    """Make a claim of the input, of ``tenant`` if known; None when somebody else was faster."""
    reply = clean_files(reply)
    with transaction.atomic():
        row = _waiting(intake)
        if row is None:
            return None
        row.sorted_by, row.sorted_at, row.fingerprint = by, now, ""
        row.state = Intake.State.NEW
        return file_new_claim(row, reply, None, now, tenant).claim


def _waiting(intake: Intake) -> Intake | None:
    """Return the row, locked; None when somebody has sorted it meanwhile."""
    rows = Intake.objects.system("sorting").select_for_update(of=("self",))
    return rows.filter(pk=intake.pk, state__in=Intake.SORTABLE).defer("raw").first()
