"""Announce works, change them, cancel them; every household concerned is told, each time once."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from agencies import landlord
from agencies.models import Dwelling, Unit
from requests.channels import gsm7
from requests.channels.outbound import email, sms
from requests.claims.models import Claim
from requests.claims.transitions import Conflict
from requests.claims.workflow import NotAllowed
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.kit.choices import Channel
from requests.notifications.contact_routes import MAILED, Way, ways
from requests.planned_works import notice_periods
from requests.planned_works.models import PlannedNotice, PlannedWorks
from requests.promises.working_time import holidays_around, may_ring
from tenants.homes import holder_of

Event = PlannedNotice.Event
State = PlannedNotice.State
URGENCY = "U4"  # an announcement never rings at night


class TooLate(Exception):
    """The notice period is too short and no reason was given; ``args`` are the problems."""


class NotSent(Exception):
    """The provider could not take it now; the job tries again."""


def check(
    unit: Unit, kind: str, starts: datetime, ends: datetime, override: str, now: datetime
) -> None:
    """Raise ``TooLate`` when the notice period is too short, unless ``override`` gives a reason."""
    off = holidays_around(unit, starts) | holidays_around(unit, ends)
    found = notice_periods.problems(kind, starts, ends, now, off)
    if found and not override:
        raise TooLate(*found)


@transaction.atomic
def announce(
    *,
    kind: str,
    title: str,
    text: str,
    residence,
    starts: datetime,
    ends: datetime,
    membership,
    now: datetime,
    staircases=(),
    dwellings=(),
    contractor=None,
    override: str = "",
) -> PlannedWorks:
    """Save the works and enqueue the job that tells every household. Raises ``TooLate``."""
    check(residence.unit, kind, starts, ends, override, now)
    works = PlannedWorks.objects.create(
        kind=kind,
        title=title,
        text=text,
        residence=residence,
        contractor=contractor,
        starts=starts,
        ends=ends,
        override=override,
        announced_at=now,
        announced_by=membership.user,
    )
    works.staircases.set(staircases)
    works.dwellings.set(dwellings)
    _enqueue(works, Event.ANNOUNCED)
    return works


def _hold(works: PlannedWorks, version: int | None, now: datetime) -> PlannedWorks:
    held = PlannedWorks.objects.select_for_update(of=("self",)).get(pk=works.pk)
    if version is not None and held.version != version:
        raise Conflict
    if held.cancelled_at or held.ends <= now:
        raise NotAllowed("these works are over or cancelled")
    return held


@transaction.atomic
def change(
    *,
    works: PlannedWorks,
    text: str,
    starts: datetime,
    ends: datetime,
    now: datetime,
    override: str = "",
    version: int | None = None,
) -> PlannedWorks:
    """Change the dates or the text and tell every household again.

    Raises ``TooLate``, ``Conflict``, ``NotAllowed``. Works that have begun may only change their
    end.
    """
    held = _hold(works, version, now)
    if starts != held.starts:
        check(held.residence.unit, held.kind, starts, ends, override, now)
    held.text, held.starts, held.ends = text, starts, ends
    held.override = override or held.override
    held.version += 1
    held.save(update_fields=["text", "starts", "ends", "override", "version"])
    _enqueue(held, Event.CHANGED)
    return held


@transaction.atomic
def cancel(
    *, works: PlannedWorks, reason: str, now: datetime, version: int | None = None
) -> PlannedWorks:
    """Cancel the works and tell every household. Raises ``Conflict``, ``NotAllowed``."""
    held = _hold(works, version, now)
    held.cancelled_at, held.cancel_reason, held.version = now, reason, held.version + 1
    held.save(update_fields=["cancelled_at", "cancel_reason", "version"])
    _enqueue(held, Event.CANCELLED)
    return held


def _enqueue(works: PlannedWorks, event: str) -> None:
    enqueue(Job.Kind.PLANNED, f"{works.pk}:{works.version}:{event[:2]}")


def homes(works: PlannedWorks):
    """The dwellings concerned."""
    rows = Dwelling.objects.filter(staircase__building__residence=works.residence_id)
    chosen, doors = list(works.staircases.all()), list(works.dwellings.all())
    if doors:
        return rows.filter(pk__in=[home.pk for home in doors])
    return rows.filter(staircase__in=chosen) if chosen else rows


def work(*, key: str, now: datetime) -> None:
    """Job: ``<works>:<version>:<event>`` writes the notices, a bare number sends one."""
    if ":" in key:
        number, version, start = key.split(":")
        event = next(event for event in Event if event.startswith(start))
        _write(UUID(number), int(version), event, now)
    else:
        _send(int(key.partition("@")[0]), now)


@transaction.atomic
def _write(pk: UUID, version: int, event: str, now: datetime) -> None:
    """One notice per household, with its words as they are true now. Replays add nothing."""
    works = PlannedWorks.objects.select_related("residence", "contractor").get(pk=pk)
    if works.version != version:
        return  # overtaken: the later version tells everybody
    told = set(works.notices.filter(version=version).values_list("dwelling", flat=True))
    for home in homes(works).select_related("staircase__building__residence"):
        tenant = holder_of(home, timezone.localdate(now))
        if tenant is None or home.pk in told:
            continue
        way = _way(works, tenant, home)
        text = _text(works, event, way.channel, tenant)
        mailed = way.channel in MAILED
        row = PlannedNotice.objects.create(
            works=works,
            version=version,
            event=event,
            dwelling=home,
            name=str(tenant)[:160],
            language=tenant.language,
            channel=way.channel,
            address=way.address,
            text=text,
            state=State.QUEUED if mailed else State.TO_HAND,
            at=now,
        )
        if mailed:
            enqueue(Job.Kind.PLANNED, row.pk)


def _way(works: PlannedWorks, tenant, home: Dwelling) -> Way:
    """The household's own channel; by hand where the law wants it, or when nothing else is left."""
    street = home.staircase
    paper = Way(Channel.LETTER, f"{street.street}\n{home.door}".strip()[:254])
    if notice_periods.RULES[works.kind].by_hand:
        return paper
    # The same order of channels as for a request: none is filed here.
    found = ways(Claim(tenant=tenant, dwelling=home, channel=Channel.WEB))
    return found[0] if found else paper


def _text(works: PlannedWorks, event: str, channel: str, tenant) -> str:
    """The words for one household, in its language."""
    known = {code for code, _name in settings.LANGUAGES}
    language = tenant.language if tenant.language in known else settings.LANGUAGE_CODE
    with translation.override(language):
        page = {
            "works": works,
            "event": event,
            "short": channel == Channel.SMS,
            "rule": notice_periods.RULES[works.kind],
            "phone": landlord.current().phone,
            "link": settings.PALIER_URL + reverse("planned_public", args=[works.pk]),
        }
        text = render_to_string("requests/planned_works/notice.txt", page).strip()
    return gsm7.to_gsm7(text) if channel == Channel.SMS else text


def _send(pk: int, now: datetime) -> None:
    """One attempt. What a provider refuses for good is handed over by a person instead."""
    row = PlannedNotice.objects.select_related("works__residence__unit").get(pk=pk)
    if row.state != State.QUEUED or row.version != row.works.version:
        return
    if row.channel == Channel.SMS:
        allowed = may_ring(row.works.residence.unit, URGENCY, now)
        if allowed > now:
            enqueue(Job.Kind.PLANNED, f"{row.pk}@{int(allowed.timestamp())}", delay=allowed - now)
            return
        receipt = sms.send(sms.Sms(row.address, row.text, f"works-{row.pk}"))
    else:
        with translation.override(row.language):
            subject = translation.gettext("Works at your place")
        receipt = email.send(
            email.Mail(
                to=row.address,
                subject=subject,
                text=row.text,
                message_id=f"<works-{row.pk}@palier.invalid>",
            )
        )
    row.answer = receipt.answer
    if receipt.ok:
        row.state, row.done_at = State.SENT, now
    elif receipt.permanent or receipt.bad_address:
        row.state = State.TO_HAND
    else:
        raise NotSent(receipt.answer)
    row.save(update_fields=["state", "answer", "done_at"])


@transaction.atomic
def handed_over(*, works: PlannedWorks, notices, by, now: datetime) -> int:
    """Record that a person delivered these notices (keys); return how many were waiting."""
    rows = works.notices.filter(pk__in=notices, state=State.TO_HAND)
    return rows.update(state=State.HANDED, done_at=now, done_by=by)


def explaining(category, staircase, dwelling, now: datetime):
    """Return works under way, or starting within two hours, that explain a fault at a place.

    The filing pages show them before the fault is reported.
    """
    kinds = [kind for kind, codes in notice_periods.EXPLAINS.items() if category.code in codes]
    soon = now + timedelta(hours=2)
    rows = PlannedWorks.objects.ahead(now).at(staircase, dwelling)
    return rows.filter(kind__in=kinds, starts__lte=soon).order_by("starts")
