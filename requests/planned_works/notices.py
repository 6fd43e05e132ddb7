"""Write one notice of works per household and version, and send it by the household's channel."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agencies import landlord
from agencies.models import Dwelling
from requests.channels import gsm7
from requests.claims.models import Claim
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.notifications.contact_routes import MAILED, ContactRoute, contact_routes
from requests.notifications.kinds import DeliveryKind, failure_text
from requests.notifications.models import Delivery
from requests.planned_works import notice_periods
from requests.planned_works.models import PlannedNotice, PlannedWorks
from tenants.homes import holder_of

State = PlannedNotice.State
# Notices of works this close are urgent: a person must have time to hand over a failed one.
NEAR = timedelta(days=2)


def homes(works: PlannedWorks):
    """Return the dwellings that the works concern."""
    rows = Dwelling.objects.filter(staircase__building__residence=works.residence_id)
    chosen, doors = list(works.staircases.all()), list(works.dwellings.all())
    if doors:
        return rows.filter(pk__in=[home.pk for home in doors])
    return rows.filter(staircase__in=chosen) if chosen else rows


@transaction.atomic
def write(*, key: str, now: datetime, works: str, version: int, event: str) -> None:
    """Write one notice per household with its current text, and queue its sending.

    Runs as a job; ``key`` only names it. Idempotent.
    """
    found = PlannedWorks.objects.select_related("residence__unit", "contractor").get(pk=works)
    if found.version != version:
        return  # a later version tells every household
    told = set(found.notices.filter(version=version).values_list("dwelling", flat=True))
    for home in homes(found).select_related("staircase__building__residence"):
        tenant = holder_of(home, timezone.localdate(now))
        if tenant is None or home.pk in told:
            continue
        way = _way(found, tenant, home)
        mailed = way.channel in MAILED
        row = PlannedNotice.objects.create(
            works=found,
            version=version,
            event=event,
            dwelling=home,
            name=str(tenant)[:160],
            language=tenant.language,
            channel=way.channel,
            address=way.address,
            text=_text(found, event, way.channel, tenant),
            state=State.QUEUED if mailed else State.TO_HAND,
            at=now,
        )
        if mailed:
            _queue(row, now)


def _queue(row: PlannedNotice, now: datetime) -> None:
    with translation.override(row.language):
        subject = _("Works at your place")
    outgoing.queue(
        kind=Delivery.Kind.PLANNED_WORKS,
        key=str(row.pk),
        channel=row.channel,
        recipient=row.address,
        subject=subject,
        text=row.text,
        facts={"notice": row.pk},
        unit=row.works.residence.unit,
        urgent=row.works.starts < now + NEAR,
        language=row.language,
        now=now,
    )


def _way(works: PlannedWorks, tenant, home: Dwelling) -> ContactRoute:
    """Return the household's own channel, or delivery by hand.

    By hand when the law requires it, or when the household has no other channel.
    """
    street = home.staircase
    paper = ContactRoute(Channel.LETTER, f"{street.street}\n{home.door}".strip()[:254])
    if notice_periods.RULES[works.kind].by_hand:
        return paper
    # An unsaved claim, because channels are tried in the same order as for a request.
    found = contact_routes(Claim(tenant=tenant, dwelling=home, channel=Channel.WEB))
    return found[0] if found else paper


def _text(works: PlannedWorks, event: str, channel: str, tenant) -> str:
    """Return the text for one household, in its language."""
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


class PlannedWorksKind(DeliveryKind):
    """A notice of works. It is never sent at night; a failed one is handed over by a person."""

    kind = Delivery.Kind.PLANNED_WORKS

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return False once another version tells the household, or the works are over."""
        row = _notice(delivery)
        return row.version == row.works.version and now < row.works.ends

    def on_sent(self, delivery: Delivery, now: datetime) -> None:
        PlannedNotice.objects.system("sending notices").filter(
            pk=delivery.facts["notice"], state=State.QUEUED
        ).update(state=State.SENT, done_at=now, answer=delivery.answer)

    def on_failed(self, delivery: Delivery, now: datetime) -> None:
        """Mark the notice to be handed over, unless a later version has told the household."""
        row = _notice(delivery)
        if row.version == row.works.version and row.state in (State.QUEUED, State.SENT):
            row.state, row.done_at, row.answer = State.TO_HAND, None, delivery.answer
            row.save(update_fields=["state", "done_at", "answer"])

    def advice(self, delivery: Delivery) -> str:
        """Return which notice is to be handed over."""
        row = _notice(delivery)
        words = {"works": row.works.title, "home": str(row.dwelling)}
        next_step = _("Hand the notice “%(works)s” over at %(home)s.") % words
        return f"{failure_text(delivery)} {next_step}"


def _notice(delivery: Delivery) -> PlannedNotice:
    rows = PlannedNotice.objects.system("sending notices").select_related(
        "works", "dwelling__staircase"
    )
    return rows.get(pk=delivery.facts["notice"])
