"""What became of what a visitor sent through the doors: request, answer, and after how long."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Q
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from requests.channels.models import Intake
from requests.inbound.missed_call_models import MissedCall
from requests.kit.choices import Channel
from requests.notifications.models import Delivery

KEY = "doors"
MOST = 8  # of one visitor
PATIENCE = timedelta(minutes=3)  # after which the page no longer asks for an answer
OUT = {Channel.EMAIL: "demo:mails", Channel.SMS: "demo:phones", Channel.SOCIAL: "demo:phones"}


@dataclass(frozen=True)
class Answer:
    """A message that the landlord sent back; ``link`` leads to all that were caught."""

    text: str
    link: str
    seconds: int | None  # after the visitor sent theirs; None while it waits to be sent


@dataclass(frozen=True)
class Result:
    """What became of one thing that was sent. ``seconds`` until it stood where ``link`` leads."""

    at: datetime
    words: str
    link: str = ""
    seconds: int | None = None
    waiting: bool = True
    answers: list[Answer] = field(default_factory=list)


def remember(session: SessionBase, door: str, key: str, now: datetime) -> None:
    """Keep in the visitor's session what they sent: ``key`` finds its input again."""
    sent = {"door": door, "key": key, "at": now.isoformat()}
    session[KEY] = [sent, *session.get(KEY, [])][:MOST]


def results(session: SessionBase, now: datetime) -> dict[str, list[Result]]:
    """Return what became of what the visitor sent, by door, the newest first."""
    found: dict[str, list[Result]] = {}
    for sent in session.get(KEY, []):
        at = parse_datetime(sent["at"])
        assert at is not None  # remember() wrote it
        found.setdefault(sent["door"], []).append(_result(sent["key"], at, now))
    return found


def _result(key: str, at: datetime, now: datetime) -> Result:
    young = now - at < PATIENCE
    mail = Q(channel=Channel.EMAIL, mail_id=key)
    rows = Intake.objects.system("demo").filter(mail | Q(external_id=key), received_at__gte=at)
    intake = rows.select_related("claim").order_by("received_at").first()
    if intake is None:
        return Result(at, _("On its way."), waiting=young)
    if intake.state == Intake.State.NEW:
        return Result(at, _("Stored as it came, being read."), waiting=young)
    if claim := intake.claim:
        sent = Delivery.objects.system("demo").filter(claim=claim, created_at__gte=at)
        answers = _answers(sent.filter(channel__in=OUT, carried_by=None), at)
        said = _("Request %(ref)s, in the inbox of staff.") % {"ref": claim.spoken_reference}
        link = reverse("agency:claim", args=[claim.pk])
        # An application asks for the state of its report: nothing is sent to it.
        done = intake.channel == Channel.OPEN311 or any(a.seconds is not None for a in answers)
        filed = _after(at, claim.filed_at) if claim.filed_at >= at else None
        return Result(at, said, link, filed, young and not done, answers)
    calls = MissedCall.objects.system("demo").filter(number=intake.sender, done_at=None)
    if intake.channel == Channel.PHONE and calls.exists():
        link = reverse("missed_calls:index")
        return Result(at, _("Among the calls to return."), link, waiting=False)
    sent = Delivery.objects.system("demo").filter(
        kind=Delivery.Kind.PRIVATE_REPLY, recipient=key, created_at__gte=at
    )
    answers = _answers(sent, at)
    done = intake.state != Intake.State.ANSWERED or any(row.seconds is not None for row in answers)
    said = intake.get_state_display().capitalize()
    entry = reverse("channels:entry", args=[intake.pk])
    return Result(at, f"{said}. {intake.error}".strip(), entry, None, young and not done, answers)


def _answers(sent, at: datetime) -> list[Answer]:
    """Return the messages of ``sent``, the oldest first."""
    return [
        Answer(
            text=row.text,
            link=reverse(OUT.get(Channel(row.channel), "demo:phones")),
            seconds=_after(at, row.sent_at) if row.sent_at else None,
        )
        for row in sent.exclude(state=Delivery.State.DROPPED).order_by("created_at")[:3]
    ]


def _after(start: datetime, end: datetime) -> int:
    return max(0, round((end - start).total_seconds()))
