"""Who writes on our public page is invited, once and in private, to where we can answer.

Nothing is ever written in public. What speaks of a danger waits above all else in the tray, for
a person to read (docs/adr/0022).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from requests.channels.models import Intake
from requests.inbound.invitation_models import Invitation
from requests.inbound.outcomes import danger_text
from requests.kit.choices import Channel
from requests.notifications import events as notifications
from requests.notifications import outgoing
from requests.notifications.kinds import DeliveryKind
from requests.notifications.models import Delivery
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


def post_title(post: Post) -> str:
    """Return what the post is, in the language that is active."""
    if post.kind == Invitation.Kind.COMMENT:
        return _("Comment on our public page")
    if post.kind == Invitation.Kind.POST:
        return _("Post on our public page")
    return _("Private message to our public page")


def refusal_text(why: str) -> str:
    """Return why a post waits for a person, in the language that is active."""
    return _("The private answer was refused: %(why)s.") % {"why": why[:300] or "—"}


@transaction.atomic
def decide_post(*, intake_id, post: Post, now: datetime) -> Intake:
    """Decide what becomes of one post, once: a private answer, the tray, or nothing."""
    intake = Intake.objects.system("inviting").select_for_update(of=("self",)).get(pk=intake_id)
    if intake.state != State.NEW:
        return intake
    heard = danger.find_words(post.text)
    with translation.override(settings.LANGUAGE_CODE):
        intake.sender, intake.sender_name = post.author[:254], post.name[:160]
        intake.subject, intake.text = post_title(post), post.text
        intake.urgent, intake.verified = bool(heard), True
        intake.state, intake.error = _fate(intake, post, now)
        if heard:
            said = f"{danger_text(heard)} {intake.error}".strip()
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
    """Write the one invitation of this post and queue it; False: this person has today's.

    One that failed is tried again when a person asks for it ("Read it again").
    """
    row = Invitation.objects.of(intake=intake).first()
    if row and row.state != Invitation.State.FAILED:
        return True
    row = row or Invitation(intake=intake, created_at=now)
    row.person, row.day = post.author[:60], timezone.localtime(now).date()
    row.kind, row.number = post.kind, post.number
    row.text = notifications.private_answer(urgent=intake.urgent)
    row.state, row.answer = Invitation.State.QUEUED, ""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # one_invitation_a_day: also when two posts are read at once
        return False
    # Read again by a person's wish, it is another message: the first one failed for good.
    outgoing.queue(
        kind=Delivery.Kind.PRIVATE_REPLY,
        key=f"{row.pk}:{intake.attempts}",
        channel=Channel.PAGE,
        recipient=post.number,
        text=row.text,
        facts={"invitation": str(row.pk), "answers": post.kind},
        urgent=intake.urgent,
        now=now,
    )
    return True


class PrivateReplyKind(DeliveryKind):
    """The private answer to a public post, addressed by the number of the post.

    The provider takes one answer per post, and its refusal of a second one counts as sent. One
    that fails goes to a person, in the tray.
    """

    kind = Delivery.Kind.PRIVATE_REPLY

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return False once a person has sorted the post."""
        row = _invitation(delivery)
        sorted_already = row.intake.state in (State.PARSED, State.DISCARDED)
        return row.state == Invitation.State.QUEUED and not sorted_already

    def on_dropped(self, delivery: Delivery, now: datetime) -> None:
        with translation.override(settings.LANGUAGE_CODE):
            why = _("Somebody has sorted it meanwhile.")
        self._end(delivery, Invitation.State.FAILED, answer=why)

    def on_sent(self, delivery: Delivery, now: datetime) -> None:
        self._end(delivery, Invitation.State.SENT, answer=delivery.answer[:2000], sent_at=now)

    def on_failed(self, delivery: Delivery, now: datetime) -> None:
        """Put the post into the tray, with what the provider said."""
        number = _invitation(delivery).intake_id
        intake = Intake.objects.system("inviting").select_for_update(of=("self",)).get(pk=number)
        self._end(delivery, Invitation.State.FAILED, answer=delivery.answer[:2000])
        _give_to_a_person(intake, delivery.answer)

    def advice(self, delivery: Delivery) -> str:
        """Return nothing: the tray says it."""
        return ""

    def _end(self, delivery: Delivery, state: str, **fields) -> None:
        rows = Invitation.objects.system("inviting").filter(pk=delivery.facts["invitation"])
        rows.filter(state=Invitation.State.QUEUED).update(state=state, **fields)


def _invitation(delivery: Delivery) -> Invitation:
    return (
        Invitation.objects.system("inviting")
        .select_related("intake")
        .get(pk=delivery.facts["invitation"])
    )


def _give_to_a_person(intake: Intake, why: str) -> None:
    """Into the tray, or beside what it already waits there for; who was sorted stays sorted."""
    if intake.state not in (State.ANSWERED, State.FAILED):
        return
    with translation.override(settings.LANGUAGE_CODE):
        told = refusal_text(why)
    intake.state, intake.error = State.FAILED, f"{intake.error} {told}".strip()[:2000]
    intake.save(update_fields=["state", "error"])
