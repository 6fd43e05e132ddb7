"""From a committed event of a claim to the messages that tell of it.

``notify`` writes one ``Delivery`` per event, recipient and channel; the engine (outgoing.py)
sends them. When a channel fails, the next one is tried.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from requests.channels import marks
from requests.channels.models import Intake
from requests.claims import links
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.models import Claim
from requests.kit.choices import CALENDAR_URGENCIES, Channel
from requests.notifications import (
    colleagues,
    events,
    mail_files,
    message_files,
    outgoing,
    preferences,
)
from requests.notifications.contact_routes import MAILED, ContactRoute, contact_routes
from requests.notifications.kinds import Content, DeliveryKind, failure_text
from requests.notifications.models import Delivery

# What routes and words read of the claim.
RELATED = (
    "category",
    "tenant",
    "owner__unit",
    "dwelling__staircase__building__residence",
)
# Channels to which a recorded reply needs no sending: it was said aloud.
SAID = (Channel.COUNTER,)


def notify(*, key: str, now: datetime) -> None:
    """Write the deliveries that event ``key`` calls for, and the jobs of its mails to colleagues.

    Replays add nothing.
    """
    why = "telling of an event"
    event = ClaimEvent.objects.system(why).select_related("actor").get(pk=key)
    # Apart: PostgreSQL plans both in half of the time of all joins together.
    event.claim = Claim.objects.system(why).select_related(*RELATED).get(pk=event.claim_id)
    colleagues.tell(event, now)
    told = events.TABLE.get(events.text_name(event))
    if told is None or event.deliveries.exists():
        return
    claim, wanted = event.claim, ""
    if sent := event.facts.get("message"):
        # The channel of the words: the page said that they leave by it.
        words = Message.objects.system("telling of an event").filter(pk=sent, direction="out")
        wanted = words.values_list("channel", flat=True).first() or ""
        if wanted in SAID:
            return
    found = contact_routes(claim, wanted)
    if not told.stamp and claim.channel != Channel.LETTER:
        found = [way for way in found if way.channel in MAILED]
    if not found:
        return
    kept = events.event_snapshot(event)
    # What a person wrote is never extra, nor is another date than the one told before.
    moved = bool(event.facts.get("promised"))
    if told.extra and not kept["text"] and not moved and preferences.only_needed(claim):
        return
    wait = not told.at_once and claim.urgency not in CALENDAR_URGENCIES
    due = max(now, event.at + events.GATHER) if wait else now
    with transaction.atomic():
        _queue(event, found[0], kept, due, now)


def _queue(
    event, way: ContactRoute, kept: dict, due: datetime, now: datetime, fallback_of=None
) -> None:
    """One row, and the job or the people that will carry it."""
    claim = event.claim
    kept = kept | {"promise": events.promise_of(event)}
    links.renew_if_stale(claim, now)
    delivery, new = Delivery.objects.system("telling of an event").get_or_create(
        event=event,
        recipient=way.address,
        channel=way.channel,
        defaults={
            "claim": claim,
            "language": claim.language,
            "facts": kept,
            "text": events.event_paragraph(
                claim, events.text_name(event), kept, way.channel, claim.language
            ),
            "due_at": due,
            "created_at": now,
            "fallback_of": fallback_of,
        },
    )
    if not new:
        return
    if way.channel in MAILED:
        outgoing.schedule(delivery, due, now)
    elif way.channel == Channel.PHONE:
        with translation.override(settings.LANGUAGE_CODE):
            words = _("Call %(number)s and say:") % {"number": way.address}
        with translation.override(claim.language):
            said = message_files.sentence(message_files.files_of([event]), Channel.PHONE)
        text = "\n".join(part for part in (words, delivery.text, said) if part)
        outgoing.write_note(claim, text, now)


class ClaimEventKind(DeliveryKind):
    """News of a claim to its tenant: gathered, threaded, and by the next channel when one fails."""

    kind = Delivery.Kind.CLAIM_EVENT
    to_strangers = True

    def not_before(self, delivery: Delivery, now: datetime) -> datetime:
        """Wait a little for the virus scanner when files go with it."""
        files = message_files.files_of([_event_of(delivery)])
        if message_files.is_checked(files) or now - delivery.created_at > message_files.PATIENCE:
            return now
        return now + timedelta(minutes=1)

    def companions(self, delivery: Delivery) -> QuerySet[Delivery]:
        """Return what else waits for the same person about the same claim."""
        return (
            Delivery.objects.system("telling of an event")
            .of_conversations()
            .filter(
                claim=delivery.claim_id,
                recipient=delivery.recipient,
                channel=delivery.channel,
                state=Delivery.State.QUEUED,
                attempts=0,
                carried_by__isnull=True,
            )
            .exclude(pk=delivery.pk)
        )

    def content(self, delivery: Delivery, now: datetime) -> Content:
        """Return each event's words in its order; a mail in the thread of those before it."""
        claim = _claim_of(delivery)
        rows = [delivery, *delivery.carries.select_related("event")]
        rows.sort(key=lambda row: (_event_of(row).at, row.event_id))
        told = [_event_of(row) for row in rows]
        files = message_files.files_of(told)
        blocks = [paragraph(row) for row in rows]
        with translation.override(delivery.language):
            blocks += [said for said in [message_files.sentence(files, delivery.channel)] if said]
        text = events.full_message(claim, blocks, delivery.channel, delivery.language)
        if delivery.channel != Channel.EMAIL:
            return Content(text, files=message_files.chat_files(files, claim, delivery.channel))
        title = events.subject(claim, delivery.language, _event_of(rows[-1]).name)
        theirs, ours = _thread(delivery)
        address = settings.PALIER_REPLY_TO
        return Content(
            text=text,
            subject=title,
            html=events.html(text, title, delivery.language),
            reply_to=marks.reply_address(address, claim.reference) if address else "",
            in_reply_to=(theirs or ours or [""])[-1],
            references=theirs[:1] + ours[-5:] + theirs[1:][-3:],
            automatic=not any(events.TABLE[events.text_name(event)].by_hand for event in told),
            files=[
                *mail_files.files_of(delivery, told, now),
                *message_files.mail_files(files),
            ],
        )

    def has_other_way(self, delivery: Delivery) -> bool:
        """Return whether another channel leads to the person at once: no letter."""
        return any(way.channel in MAILED for way in _left(delivery))

    def advice(self, delivery: Delivery) -> str:
        """Return what failed, and the channel that is tried now or that none is left."""
        text = failure_text(delivery)
        if left := _left(delivery):
            next_one = Channel(left[0].channel).label
            return text + " " + _("We now try by %(channel)s.") % {"channel": next_one}
        return text + " " + _("There is no other way: please reach this person yourself.")

    def on_failed(self, delivery: Delivery, now: datetime) -> None:
        """Queue what it told, row by row, for the next channel."""
        left = _left(delivery)
        if not left:
            return
        for row in (delivery, *delivery.carries.select_related("event__claim")):
            event = _event_of(row)
            event.claim = _claim_of(delivery)
            _queue(event, left[0], row.facts, now, now, fallback_of=row)


def paragraph(delivery: Delivery) -> str:
    """Return what the delivery says, with the date that is promised when it leaves; keep it so.

    A message may have waited for the morning, for its stamp or for the next channel, and the
    promise may have moved meanwhile.
    """
    event = _event_of(delivery)
    event.claim = _claim_of(delivery)
    promise = events.promise_of(event)
    if delivery.facts.get("promise", promise) != promise:
        delivery.facts = delivery.facts | {"promise": promise}
        delivery.text = events.event_paragraph(
            event.claim,
            events.text_name(event),
            delivery.facts,
            delivery.channel,
            delivery.language,
        )
        Delivery.objects.system("telling of an event").filter(pk=delivery.pk).update(
            facts=delivery.facts, text=delivery.text
        )
    return delivery.text


def _claim_of(delivery: Delivery) -> Claim:
    """Return the claim of a delivery of this kind, which always has one."""
    assert delivery.claim is not None
    return delivery.claim


def _event_of(delivery: Delivery) -> ClaimEvent:
    """Return the event of a delivery of this kind, which always has one."""
    assert delivery.event is not None
    return delivery.event


def _left(delivery: Delivery) -> list[ContactRoute]:
    """The ways to the person of the claim that this event was not yet sent by."""
    told = Delivery.objects.system("telling of an event").filter(event=delivery.event_id)
    tried = set(told.values_list("channel", "recipient"))
    return [
        way
        for way in contact_routes(_claim_of(delivery))
        if (way.channel, way.address) not in tried
    ]


def _thread(delivery: Delivery) -> tuple[list[str], list[str]]:
    """The Message-IDs of the recipient's mails on this claim, and of ours to them; oldest first."""
    theirs = (
        Intake.objects.of(claim=delivery.claim)
        .filter(sender=delivery.recipient)
        .exclude(mail_id="")
        .order_by("received_at")
        .values_list("mail_id", flat=True)
    )
    ours = (
        Delivery.objects.system("telling of an event")
        .of_conversations()
        .filter(
            claim=delivery.claim,
            recipient=delivery.recipient,
            channel=Channel.EMAIL,
            carried_by=None,
        )
        .exclude(pk=delivery.pk)
        .exclude(message_id="")
        .order_by("created_at")
        .values_list("message_id", flat=True)
    )
    return [f"<{number}>" for number in theirs if number.isascii()], list(ours)
