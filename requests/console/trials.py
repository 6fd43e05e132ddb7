"""A test message to oneself: it leaves like any other, so that it proves the whole way.

It is a ``Delivery`` without claim, through the one engine of what leaves; the page reads what
became of it (docs/adr/0027-one-outgoing-engine.md).
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from agencies.landlord import current as current_landlord
from portal.models import User
from requests.channels.failure_reasons import explain_failure
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.notifications.kinds import DeliveryKind
from requests.notifications.models import Delivery

SHOWN = timedelta(days=1)
PROMPT = timedelta(minutes=2)  # after which a waiting message means that nothing sends


class TrialKind(DeliveryKind):
    """A test: a few an hour, at any hour, since the person waits for it."""

    kind = Delivery.Kind.TRIAL
    most_an_hour = 20
    rings_at_night = True


@dataclass(frozen=True)
class Trial:
    """What became of one test: ``state`` is waiting, good or bad, ``words`` say it."""

    channel: str
    recipient: str
    at: datetime
    state: str
    words: str


@transaction.atomic
def send(*, channel: str, to: str, by: User, now: datetime, text: str = "") -> Delivery:
    """Queue a test message to ``to``; without ``text``, a sentence that says what it is."""
    landlord = current_landlord().name
    words = text or _("%(landlord)s: test message. Nothing to answer.") % {"landlord": landlord}
    return outgoing.queue(
        kind=Delivery.Kind.TRIAL,
        key=uuid.uuid4().hex,
        channel=channel,
        recipient=to,
        subject=_("Test message") if channel == Channel.EMAIL else "",
        text=words,
        facts={"by": str(by.pk)},
        urgent=True,
        now=now,
    )


def lately(user: User, now: datetime) -> list[Trial]:
    """Return the tests that a person sent within a day, newest first."""
    rows = Delivery.objects.system("test messages").filter(
        kind=Delivery.Kind.TRIAL, facts__by=str(user.pk), created_at__gte=now - SHOWN
    )
    return [_told(row, now) for row in rows.order_by("-created_at")[:5]]


def _told(row: Delivery, now: datetime) -> Trial:
    State = Delivery.State
    if row.state == State.DELIVERED:
        state, words = "good", _("delivered")
    elif row.state == State.SENT:
        state, words = "good", _("sent: look whether it has arrived")
    elif row.state == State.RETRYING:
        why = explain_failure(row.channel, row.answer)
        state, words = "bad", _("not sent yet: %(why)s; it is tried again") % {"why": why}
    elif row.state == State.QUEUED:
        state, words = "waiting", _("leaving…")
        if now - row.created_at > PROMPT:
            state, words = "bad", _("nothing sends it: the sender does not run")
    else:
        why = explain_failure(row.channel, row.answer)
        state, words = "bad", _("failed: %(why)s") % {"why": why}
    return Trial(str(Channel(row.channel).label), row.recipient, row.created_at, state, words)
