"""Who writes on our public page is invited, once and in private, to where we can answer.

Nothing is ever written in public. What speaks of a danger waits above all else in the tray, for
a person to read (docs/adr/0022).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from requests.channels.models import Intake
from requests.channels.outbound import page
from requests.channels.outbound.receipt import Receipt
from requests.inbound.invitation_models import Invitation
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.notifications import events as notifications
from requests.notifications import outgoing
from requests.promises.working_time import may_ring
from requests.suggestions import danger

# The provider takes a private answer within seven days of the post.
IN_TIME = timedelta(days=7)
State = Intake.State


@dataclass(frozen=True)
class Post:
    """What somebody wrote on our page, whichever network it is.

    ``kind`` is one of ``Invitation.Kind``, or "" when it came in private. ``author`` and
    ``number`` are the provider's; ``written_at`` is aware, None when not told.
    """

    page: str
    kind: str
    number: str
    author: str
    name: str
    text: str
    picture: bool = False
    written_at: datetime | None = None


def title(post: Post) -> str:
    """What this is, in the language that is active."""
    if post.kind == Invitation.Kind.COMMENT:
        return _("Comment on our public page")
    if post.kind == Invitation.Kind.POST:
        return _("Post on our public page")
    return _("Private message to our public page")


def danger_said(heard: Collection[str]) -> str:
    """Why a post stands above the others, in the language that is active."""
    return _("It may be a danger (%(words)s): read it now.") % {"words": ", ".join(heard)}


def refusal_said(why: str) -> str:
    """Why a post waits for a person, in the language that is active."""
    return _("The private answer was refused: %(why)s.") % {"why": why[:300] or "—"}


@transaction.atomic
def take(*, intake_id, post: Post, now: datetime) -> Intake:
    """Decide what becomes of one post, once: a private answer, the tray, or nothing."""
    intake = Intake.objects.select_for_update(of=("self",)).get(pk=intake_id)
    if intake.state != State.NEW:
        return intake
    heard = danger.heard(post.text)
    with translation.override(settings.LANGUAGE_CODE):
        intake.sender, intake.sender_name = post.author[:254], post.name[:160]
        intake.subject, intake.text = title(post), post.text
        intake.urgent, intake.verified = bool(heard), True
        intake.state, intake.error = _fate(intake, post, now)
        if heard:
            said = f"{danger_said(heard)} {intake.error}".strip()
            intake.state, intake.error = State.FAILED, said
    intake.save()
    return intake


def _fate(intake: Intake, post: Post, now: datetime) -> tuple[str, str]:
    """The state of the input and why; writes the invitation where one is due."""
    if not post.kind:
        return State.FAILED, _("Written to our page in private: answer there, or make a claim.")
    if post.page != settings.PALIER_PAGE_ID:
        told = _("Of the page %(page)s, which is not the one of our settings.")
        return State.FAILED, told % {"page": post.page[:60]}
    if not post.number or not post.author:
        return State.FAILED, _("The provider does not say which post this is, or whose.")
    if not post.text and not post.picture:
        return State.DISCARDED, _("It says nothing: neither word nor picture.")
    if now - (post.written_at or now) > IN_TIME:
        return State.FAILED, _("Older than seven days: no private answer is taken any more.")
    if not _invite(intake, post, now):
        return State.DISCARDED, _("This person was already invited today.")
    return State.ANSWERED, ""


def _invite(intake: Intake, post: Post, now: datetime) -> bool:
    """Write the one invitation of this post and its job; False: this person has today's.

    One that failed is tried again when a person asks for it ("Read it again").
    """
    row = Invitation.objects.filter(intake=intake).first()
    if row and row.state != Invitation.State.FAILED:
        return True
    row = row or Invitation(intake=intake, created_at=now)
    row.person, row.day = post.author[:60], timezone.localtime(now).date()
    row.kind, row.number = post.kind, post.number
    row.text = notifications.public_answer(urgent=intake.urgent)
    row.state, row.attempts, row.answer = Invitation.State.QUEUED, 0, ""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # one_invitation_a_day: also when two posts are read at once
        return False
    enqueue(Job.Kind.PRIVATE, f"{row.pk}:{intake.attempts}:0")
    return True


def send(*, key: str, now: datetime) -> None:
    """Make one attempt. ``key`` is ``<invitation>:<reading>:<attempts before>``.

    An attempt that died half-way is made again: the provider takes one answer per post, and its
    refusal of a second one counts as sent.
    """
    number, reading, attempt = key.split(":")
    with transaction.atomic():
        message = _take(number, int(attempt), now)
    if message is None:
        return
    # Never inside a transaction: a slow provider must not hold rows.
    _settle(number, reading, page.send(message), now)


def _take(number: str, attempt: int, now: datetime) -> page.PrivateReply | None:
    """Lock the row and count the attempt. None: not now, or not any more."""
    row = Invitation.objects.select_for_update(of=("self",)).select_related("intake").get(pk=number)
    if row.state != Invitation.State.QUEUED or row.attempts not in (attempt, attempt + 1):
        return None
    if row.intake.state in (State.PARSED, State.DISCARDED):
        row.state = Invitation.State.FAILED
        with translation.override(settings.LANGUAGE_CODE):
            row.answer = _("Somebody has sorted it meanwhile.")
        row.save(update_fields=["state", "answer"])
        return None
    row.attempts = attempt + 1
    row.save(update_fields=["attempts"])
    rings = row.intake.urgent or may_ring(None, "", now) == now
    return page.PrivateReply(row.kind, row.number, row.text, rings)


@transaction.atomic
def _settle(number: str, reading: str, receipt: Receipt, now: datetime) -> None:
    """Write what the provider answered; plan the next attempt, or give it to a person."""
    # The input first, as in take(): nobody waits crosswise.
    intake = Intake.objects.select_for_update(of=("self",)).get(invitation__pk=number)
    row = Invitation.objects.select_for_update(of=("self",)).get(pk=number)
    if row.state != Invitation.State.QUEUED:
        return
    row.answer, row.provider_id = receipt.answer[:2000], receipt.provider_id[:200]
    delays = outgoing.URGENT_MINUTES if intake.urgent else outgoing.MINUTES
    if receipt.ok:
        row.state, row.sent_at = Invitation.State.SENT, now
    elif not receipt.permanent and row.attempts <= len(delays):
        wait = timedelta(minutes=delays[row.attempts - 1])
        enqueue(Job.Kind.PRIVATE, f"{row.pk}:{reading}:{row.attempts}", delay=wait)
    else:
        row.state = Invitation.State.FAILED
        _give_to_a_person(intake, receipt.answer)
    row.save()


def _give_to_a_person(intake: Intake, why: str) -> None:
    """Into the tray, or beside what it already waits there for; who was sorted stays sorted."""
    if intake.state not in (State.ANSWERED, State.FAILED):
        return
    with translation.override(settings.LANGUAGE_CODE):
        told = refusal_said(why)
    intake.state, intake.error = State.FAILED, f"{intake.error} {told}".strip()[:2000]
    intake.save(update_fields=["state", "error"])
