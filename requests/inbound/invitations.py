"""Who writes on our public page is invited, once and in private, to where we can answer.

Nothing is ever written in public. What may be a danger becomes a claim at once (docs/adr/0048);
its author still gets the private answer, with the emergency numbers (docs/adr/0022).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from portal.actor import Actor
from requests.catalogue.models import Category
from requests.channels import reasons
from requests.channels.models import Intake
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import record
from requests.filing.actions import Filing, file_claim
from requests.inbound.invitation_models import Invitation
from requests.inbound.outcomes import danger_reason
from requests.kit.choices import OPEN, Channel
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


def refusal_reason(why: str) -> str:
    """Return why a post waits for a person, as it is stored."""
    return reasons.coded("refused_answer", why=why or "—")


@transaction.atomic
def decide_post(*, intake_id, post: Post, now: datetime) -> Intake:
    """Decide what becomes of one post, once: a claim, a private answer, the tray, or nothing."""
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
        try:
            file_danger(intake, post, now)
        except Category.DoesNotExist:  # nothing is set up to sort it: a person reads it
            why = f"{danger_reason(heard)}\n{intake.error}".strip()
            intake.state, intake.error = State.FAILED, why
    intake.save()
    return intake


def file_danger(intake: Intake, post: Post, now: datetime) -> None:
    """Make a claim of the post; what hinders the private answer stands in it as a note.

    What one person goes on writing joins the danger that they told.
    """
    told = _open_danger(intake, now)
    intake.belongs = True
    if told:
        message = Message.objects.create(
            claim=told, text=post.text, direction="in", channel=Channel.PAGE, at=now
        )
        record(told, Event.MESSAGE_IN, actor=Actor.TENANT, now=now, message=str(message.pk))
        intake.state, intake.error = State.PARSED, ""
        intake.claim, intake.message = told, message
        return
    claim = file_claim(
        Filing(
            channel=Channel.PAGE,
            key=str(intake.pk),
            category=settings.PALIER_UNSORTED_CATEGORY,
            words=post.text,
            contact_name=post.name[:120],
        ),
        actor=Actor.TENANT,
        now=now,
    )
    if intake.error:
        with translation.override(settings.LANGUAGE_CODE):
            outgoing.write_note(claim, reasons.say(intake.error), now)
    intake.state, intake.error = State.PARSED, ""
    intake.claim, intake.message = claim, claim.messages.first()


def _open_danger(intake: Intake, now: datetime) -> Claim | None:
    """Return the claim of danger that the same person's posts of today were made, if still open."""
    before = Intake.objects.system("inviting").filter(
        channel=Channel.PAGE,
        sender=intake.sender,
        urgent=True,
        received_at__gt=now - timedelta(days=1),
        claim__state__in=OPEN,
    )
    found = before.exclude(sender="").select_related("claim").order_by("received_at").last()
    return found.claim if found else None


def _fate(intake: Intake, post: Post, now: datetime) -> tuple[str, str]:
    """The state of the input and why; writes the invitation where one is due."""
    if not post.kind:
        return State.FAILED, reasons.coded("private_post")
    if post.page != settings.PALIER_PAGE_ID:
        return State.FAILED, reasons.coded("other_page", page=post.page[:60])
    if not post.number or not post.author:
        return State.FAILED, reasons.coded("no_author")
    if not post.text and not post.picture:
        return State.DISCARDED, reasons.coded("empty_post")
    if now - (post.written_at or now) > IN_TIME:
        return State.FAILED, reasons.coded("too_late")
    if not _invite(intake, post, now):
        return State.DISCARDED, reasons.coded("already_invited")
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
        intake = row.intake
        by_person = intake.sorted_by_id is not None
        sorted_already = intake.state == State.DISCARDED or (
            intake.state == State.PARSED and by_person
        )
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
        _give_to_a_person(intake, delivery.answer, now)

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


def _give_to_a_person(intake: Intake, why: str, now: datetime) -> None:
    """Into the tray, or beside what it already waits there for; who was sorted stays sorted.

    In the claim that was made of a danger, a note says it.
    """
    told = refusal_reason(why)
    if intake.state == State.PARSED and intake.claim and intake.sorted_by_id is None:
        with translation.override(settings.LANGUAGE_CODE):
            outgoing.write_note(intake.claim, reasons.say(told), now)
    if intake.state not in (State.ANSWERED, State.FAILED):
        return
    intake.state, intake.error = State.FAILED, f"{intake.error}\n{told}".strip()[:2000]
    intake.save(update_fields=["state", "error"])
