"""Table: event → who hears of it and how it is worded. The words come from the EVENT.

To change what people read, edit ``<event>.<channel>.<language>.txt`` in
``templates/requests/notifications/messages``.
A name in double braces is replaced; a line whose name has no value is left out. Nothing else
runs in these texts, so that a landlord may edit them without danger.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from agencies import landlord
from portal.dates import clock, week_day, week_moment
from requests.catalogue import danger_help
from requests.channels import gsm7, marks, photo_links
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.kit.choices import Channel, Urgency
from requests.notifications import subjects, texts
from requests.notifications.text_models import MessageText
from requests.notifications.unit_words import unit_words
from requests.promises.outlook import promise_said, visit_said

FOLDER = settings.BASE_DIR / "templates" / "requests" / "notifications" / "messages"
# Events of one hand, within this time, travel in one message.
GATHER = timedelta(seconds=60)


@dataclass(frozen=True)
class NotificationRule:
    """``extra``: told for comfort only; who wants the necessary alone is spared it.

    ``at_once`` False waits ``GATHER`` for what follows; ``stamp``: worth a letter or a call.

    ``by_hand``: a person wrote it, so the mail does not call itself automatic. ``seen``: the
    event may carry the whole text as the person who sent it read it; then only the promised date
    is added, unless the text quotes it.
    """

    to: tuple[str, ...] = ("tenant",)
    at_once: bool = True
    stamp: bool = True
    by_hand: bool = False
    seen: bool = False
    extra: bool = False


TABLE: Mapping[str, NotificationRule] = {
    Event.ROUTED: NotificationRule(stamp=False),
    Event.TAKE_CHARGE: NotificationRule(at_once=False, stamp=False, seen=True, extra=True),
    Event.ASK: NotificationRule(by_hand=True),
    Event.INFORM: NotificationRule(seen=True, by_hand=True),
    Event.HAND_OVER: NotificationRule(at_once=False, stamp=False),
    Event.PLAN: NotificationRule(at_once=False, seen=True),
    Event.REPORT_DONE: NotificationRule(at_once=False, seen=True),
    Event.ANSWER: NotificationRule(by_hand=True),
    Event.REFUSE: NotificationRule(by_hand=True),
    Event.MESSAGE_OUT: NotificationRule(by_hand=True),
    Event.MERGE: NotificationRule(stamp=False),
    Event.REOPEN: NotificationRule(at_once=False, stamp=False),
    Event.SEND_BACK: NotificationRule(at_once=False, stamp=False),
    Event.CLOSE_UNANSWERED: NotificationRule(by_hand=True),
    Event.TOO_BIG: NotificationRule(stamp=False),
    Event.UNREADABLE: NotificationRule(stamp=False),
    Event.PHOTO_ASKED: NotificationRule(stamp=False),
    Event.LATE: NotificationRule(),
    Event.RESCHEDULED: NotificationRule(stamp=False),
    Event.VISIT_OFFERED: NotificationRule(),
    Event.VISIT_LATE: NotificationRule(),
    Event.VISIT_REMINDER: NotificationRule(),
    Event.UNPLAN: NotificationRule(),
    Event.CLOSING_REMINDER: NotificationRule(stamp=False),
    Event.JOINED_INCIDENT: NotificationRule(stamp=False, extra=True),
    Event.FEEDBACK_ASKED: NotificationRule(stamp=False),
    Event.FORMAL_NOTICE: NotificationRule(),
    Event.SECOND_STAGE: NotificationRule(stamp=False),
}
TOLD = frozenset(TABLE)


def text_name(event: ClaimEvent) -> str:
    """Return the event whose text tells of ``event``; empty when nobody is told.

    A step that has no text of its own and moved the promised date is told as a moved date: no
    step moves a promise in silence.
    """
    if event.name in TABLE:
        return event.name
    return Event.RESCHEDULED if event.facts.get("promised") else ""


# What a text may name.
NAMES = frozenset(
    {
        *("ref", "what", "promise", "visit", "who", "where", "the_where", "of_where"),
        *("text", "phone", "link", "offer", "dates", "other", "photos", "report", "missed"),
        *("mark", "body", "landlord"),
    }
)


def _language(language: str) -> str:
    """The language itself when we have texts in it, else the house's."""
    known = {code for code, _name in settings.LANGUAGES}
    return language if language in known else settings.LANGUAGE_CODE


@lru_cache
def _file(path: Path) -> str | None:
    return path.read_text(encoding="utf-8").strip() if path.exists() else None


def source_text(event: str, channel: str, language: str) -> str:
    """Return one of the product's own texts; a letter's is the e-mail's unless it has a file."""
    language = _language(language)
    for name in dict.fromkeys((channel, Channel.EMAIL)):
        source = _file(FOLDER / f"{event}.{name}.{language}.txt")
        if source is not None:
            return source
    raise LookupError(f"no text for {event} by {channel} in {language}")


def _worded_as(channel: str) -> str:
    """Messaging is worded like a text message."""
    return Channel.SMS if channel == Channel.SOCIAL else channel


def event_snapshot(event: ClaimEvent) -> dict:
    """Return what the texts need, as JSON and as it is at ``event``: later changes do not count."""
    claim = event.claim
    said = event.facts.get("text", "")
    if event.name == Event.MESSAGE_OUT:
        said = Message.objects.system("words of a message").get(pk=event.facts["message"]).text
    visit = (
        event.facts.get("visit_at")
        or event.facts.get("until")
        or (_iso(claim.visit_at) if event.name == Event.PLAN else "")
    )
    return {
        "text": said,
        "promise": promise_of(event),
        "visit": visit,
        "visit_until": event.facts.get("visit_until", ""),
        "who": event.actor.first_name if event.actor else "",
        **unit_words(claim.owner.unit if claim.owner else None, _language(claim.language)),
        "offer": event.facts.get("offer_link", ""),
        "photos": _photo_link(event) if event.name == Event.PHOTO_ASKED else "",
        "dates": event.facts.get("dates", []),
        "other": event.facts.get("other", ""),
        "report": event.facts.get("report", ""),
        "missed": bool(event.facts.get("missed")),
    }


def promise_of(event: ClaimEvent) -> str:
    """Return the promised date that a text about ``event`` quotes now, as ISO text or empty.

    It is the claim's as it stands, never as it stood before a step. A formal notice is answered by
    a date of its own.
    """
    if event.name == Event.FORMAL_NOTICE:
        return event.facts.get("promise_at", "")
    return _iso(promise_said(event.claim))


def _photo_link(event: ClaimEvent) -> str:
    """The page on which photos are added to the claim, without account."""
    token = photo_links.make(event.claim.reference, event.at)
    return settings.PALIER_URL + reverse("photos:photo_link", args=[token])


def _numbered(dates: list[list[str]]) -> str:
    """« 1 : jeudi 27 novembre, 8 h - 10 h », one line each, as a text is answered."""
    lines = []
    for number, starts, ends in dates:
        end = clock(datetime.fromisoformat(ends))
        lines.append(f"{number} : {_when(starts)} - {end}")
    return "\n".join(lines)


def _iso(value: datetime | None) -> str:
    return value.isoformat() if value else ""


def _when(value: str) -> str:
    """Day and hour in full: a message may be read days later, so never « tomorrow »."""
    if not value:
        return ""
    return week_moment(datetime.fromisoformat(value))


def _visit(starts: str, ends: str) -> str:
    """Return the hours of a visit, or its beginning where its end is not known."""
    if not starts or not ends:
        return _when(starts)
    return visit_words(datetime.fromisoformat(starts), datetime.fromisoformat(ends))


def visit_words(starts: datetime, ends: datetime) -> str:
    """Return « jeudi 27 novembre, entre 8 h et 10 h », in the active language."""
    return translation.gettext("%(day)s, between %(start)s and %(end)s") % {
        "day": week_day(starts),
        "start": clock(starts),
        "end": clock(ends),
    }


def date_words(at: datetime | None) -> str:
    """Return the promised date as messages write it, in the active language: never « today »."""
    return _when(_iso(at))


def placeholder_values(claim, kept: Mapping[str, Any], channel: str) -> dict[str, str]:
    """Return the values of ``NAMES`` for ``claim``; ``event_snapshot`` made ``kept``."""
    said, house = kept.get("text", ""), landlord.current()
    if channel in (Channel.SMS, Channel.SOCIAL) and claim.is_confidential:
        said = ""  # read over a shoulder, kept on a shared phone (docs/principles.md, T2)
    return {
        "ref": claim.spoken_reference if channel != Channel.SMS else claim.reference,
        "what": _what(claim, channel),
        "promise": _when(kept.get("promise", "")),
        "visit": _visit(kept.get("visit", ""), kept.get("visit_until", "")),
        "who": kept.get("who", ""),
        "where": kept.get("where", ""),
        **{name: kept.get(name) or kept.get("where", "") for name in ("the_where", "of_where")},
        "text": said,
        "phone": house.phone,
        # A text message that comes under the name need not say it again.
        "landlord": "" if channel == Channel.SMS and house.sms_sender else house.name,
        "link": settings.PALIER_URL + _path(claim),
        "offer": kept.get("offer", ""),
        "photos": kept.get("photos", ""),
        "dates": _numbered(kept.get("dates") or []),
        "other": kept.get("other", ""),
        "missed": translation.gettext("We came and nobody could let us in.")
        if kept.get("missed")
        else "",
        # Like « text », never where a passer-by may read it.
        "report": "" if channel == Channel.SMS else kept.get("report", ""),
        "mark": marks.claim_mark(claim.reference),
        "body": "",
    }


def _what(claim, channel: str) -> str:
    """The category; no word of it where others read along (docs/principles.md, T2)."""
    if channel in (Channel.SMS, Channel.SOCIAL) and claim.is_confidential:
        return translation.gettext("Your request")
    return str(claim.category)


def _path(claim) -> str:
    """The claim's private link; once it is closed, the page behind the login."""
    if claim.link_closed_at:
        return reverse("my:claim", args=[claim.pk])
    return reverse("follow", args=[claim.token])


def event_paragraph(claim, name: str, kept: Mapping[str, Any], channel: str, language: str) -> str:
    """Return the paragraph of one event for one channel.

    What a person read and sent stands alone; else the landlord's own wording, else the product's.
    """
    with translation.override(_language(language)):
        words = placeholder_values(claim, kept, channel)
        channel = _worded_as(channel)
        if words["text"] and TABLE[name].seen:
            return with_date(words["text"], _date_line(name, words))
        own = MessageText.objects.body_for(name, channel, _language(language))
        if own is not None:
            text = texts.fill(own, landlord_values(words))
        else:
            text = texts.fill(source_text(name, channel, language), words)
        # Whatever the landlord's own wording: the number to call comes first.
        first = emergency_numbers(claim) if name == Event.ROUTED else ""
        return "\n".join(line for line in (first, text) if line)


def emergency_numbers(claim) -> str:
    """Return whom to call in the danger that ``claim`` tells of, in the active language; "" none.

    A confidential one names no service that says what it is about: others may read along.
    """
    if claim.urgency != Urgency.U0:
        return ""
    if claim.is_confidential:
        return translation.gettext("In danger? Call 112, or send a text message to 114.")
    help_ = danger_help.help_for(claim.category.code)
    house = landlord.current()
    ours = house.on_call_phone or house.phone
    first = [translation.gettext("On call: %(phone)s") % {"phone": ours}]
    calls = [str(call.label) for call in help_.calls[:2]]
    lines = [*(first if help_.landlord_first else []), *calls]
    return f"{help_.title}. " + ". ".join(lines) + "."


def _date_line(name: str, words: Mapping[str, str]) -> tuple[str, str]:
    """Return the date of the visit or of the news, and the sentence that gives it."""
    if name == Event.PLAN:
        said = translation.gettext("Visit: %(date)s.")
        date = words["visit"]
    else:
        said = translation.gettext("You will hear from us before: %(date)s.")
        date = words["promise"]
    return date, said % {"date": date} if date else ""


def with_date(text: str, line: tuple[str, str]) -> str:
    """Return what a person wrote, and the sentence with the date unless they quote the date."""
    date, said = line
    quoted = " ".join(date.split()) in " ".join(text.split())
    return text if not date or quoted else f"{text}\n{said}"


def landlord_values(words: Mapping[str, str]) -> dict[str, str]:
    """Return the values under the names that the settings offer (``texts.py``)."""
    return {
        "reference": words["ref"],
        "category": words["what"],
        "date": words["visit"] or words["promise"],
        "who": words["who"],
        "unit": words["where"],
        "text": words["text"],
        "link": words["link"],
        "phone": words["phone"],
        "landlord": landlord.current().name,
    }


def reply_values(claim, user, promise: datetime | None) -> dict[str, str]:
    """Return the values of a ready-made reply's variables on ``claim`` when ``user`` writes.

    ``promise`` is the date that will stand once the reply is sent.
    """
    unit = claim.owner.unit if claim.owner else claim.residence.unit if claim.residence else None
    kept = {
        "promise": _iso(promise),
        "visit": _iso(visit_said(claim)),
        "who": user.first_name,
        **unit_words(unit, _language(claim.language)),
    }
    with translation.override(_language(claim.language)):
        return landlord_values(placeholder_values(claim, kept, Channel.WEB))


def filing_url() -> str:
    """Return the address where a request begins."""
    return settings.PALIER_URL + reverse("file_what")


def private_answer(*, urgent: bool) -> str:
    """Return the private answer to the author of a public post, in the house's language.

    The landlord's own wording, else the product's. ``urgent``: the post speaks of a danger.
    """
    event = "public_danger" if urgent else "public_post"
    house = landlord.current()
    words = dict.fromkeys(texts.VARIABLES, "")
    words |= {"link": filing_url(), "phone": house.phone, "landlord": house.name}
    language = _language(settings.LANGUAGE_CODE)
    own = MessageText.objects.body_for(event, Channel.SMS, language)
    return texts.fill(own if own is not None else source_text(event, Channel.SMS, language), words)


def full_message(claim, blocks: list[str], channel: str, language: str) -> str:
    """Return the message around the paragraphs; an SMS is spelled within the cheap alphabet."""
    with translation.override(_language(language)):
        inside = placeholder_values(claim, {}, channel)
        # The body is put in last: words of a tenant or of staff are never searched for names.
        frame = texts.fill(
            source_text("_frame", _worded_as(channel), language), {**inside, "body": "\0"}
        )
    text = frame.replace("\0", "\n\n".join(dict.fromkeys(blocks)))
    return gsm7.to_gsm7(text) if channel == Channel.SMS else text


def subject(claim, language: str, event: str = "") -> str:
    """Say what kind of news it is; no content: previews are read by others (T2)."""
    with translation.override(_language(language)):
        return subjects.subject(claim.spoken_reference, event)


def html(text: str, title: str, language: str) -> str:
    """Return the text as light HTML under the landlord's name and colour, nothing remote."""
    page = {
        "paragraphs": text.split("\n\n"),
        "subject": title,
        "language": _language(language),
        "landlord": landlord.current(),
    }
    return render_to_string("requests/notifications/messages/mail.html", page)
