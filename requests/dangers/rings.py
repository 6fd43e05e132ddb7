"""Ring people about a danger, one after the other, until somebody takes it in hand."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agencies import absences, landlord
from agencies.models import Desk, OnCallRung, Unit
from portal import phones
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.dangers.actions import is_danger
from requests.dangers.ladder import Rung, in_force, rung_of, wait_after
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.kit.choices import Channel, State
from requests.notifications import outgoing
from requests.notifications.kinds import DeliveryKind
from requests.notifications.models import Delivery
from requests.promises import deadlines
from requests.promises.working_time import calendar_of
from requests.teamwork.workload import people_of

FALLBACK_MINUTES = 5


def must_ring(claim: Claim) -> bool:
    """Return whether people are rung: it is a danger that nobody has taken in hand yet."""
    return is_danger(claim) and claim.state == State.RECEIVED


def start(claim: Claim, now: datetime) -> None:
    """Order the first ring, once per claim, in the caller's transaction."""
    if must_ring(claim):
        enqueue(Job.Kind.RING, f"{claim.pk}:0", emergency=True, claim=str(claim.pk), number=0)


@transaction.atomic
def ring(*, key: str, now: datetime, claim: str, number: int) -> None:
    """Ring the ``number``-th of the ladder, and order the next; the job's handler."""
    row = (
        Claim.objects.system("ringing")
        .select_for_update(of=("self",))
        .select_related("category", "residence__unit", "owner__unit", "staircase", "dwelling")
        .get(pk=claim)
    )
    if not must_ring(row):
        return
    rungs = rungs_for(row, now)
    rung = rung_of(rungs, number)
    with translation.override(settings.LANGUAGE_CODE):
        if rung is None:
            outgoing.write_note(row, _nobody(rungs), now)
            return
        outgoing.queue(
            kind=Delivery.Kind.DANGER,
            key=f"{row.pk}:{number}",
            channel=Channel.SMS,
            recipient=rung.phone,
            subject=subject(rung),
            text=words(row),
            facts={"claim": str(row.pk), "number": number},
            claim=row,
            urgent=True,
            now=now,
        )
    _order_next(row.pk, number, delay=wait_after(rung))


def _order_next(claim: object, number: int, delay: timedelta = timedelta(0)) -> None:
    enqueue(
        Job.Kind.RING,
        f"{claim}:{number + 1}",
        emergency=True,
        delay=delay,
        claim=str(claim),
        number=number + 1,
    )


def _nobody(rungs: list[Rung]) -> str:
    if not rungs:
        return _("Nobody could be rung: no on-call ladder is set. Call somebody now.")
    return _("All were rung (%(names)s) and nobody has taken it in hand. Call somebody now.") % {
        "names": ", ".join(dict.fromkeys(rung.name for rung in rungs))
    }


def subject(rung: Rung) -> str:
    """Return how the ring stands in the claim."""
    return _("%(name)s is rung") % {"name": rung.name}


def words(claim: Claim) -> str:
    """Return the text: what, where, the number, and the page; nothing of a confidential claim."""
    if claim.is_confidential:
        what, where = _("a danger"), ""
    else:
        what = str(claim.category)
        where = str(claim.staircase or claim.residence or claim.place_note or "")
    return "\n".join(
        line
        for line in (
            _("DANGER %(ref)s: %(what)s") % {"ref": claim.reference, "what": what},
            where[:80],
            _("Take it in hand: %(link)s")
            % {"link": settings.PALIER_URL + reverse("agency:claim", args=[claim.pk])},
        )
        if line
    )


def unit_of(claim: Claim) -> Unit | None:
    """Return the unit whose ladder rings: that of the place, else of the desk."""
    if claim.residence:
        return claim.residence.unit
    return claim.owner.unit if claim.owner else None


def rungs_for(claim: Claim, now: datetime) -> list[Rung]:
    """Return the steps of the claim's unit that count at ``now``; else those of the landlord.

    Without any ladder: the landlord's on-call phone, then the people of the on-call desk.
    """
    unit = unit_of(claim)
    rows = list(OnCallRung.objects.filter(unit=unit)) if unit else []
    rows = rows or list(OnCallRung.objects.filter(unit=None))
    found = [
        Rung(row.name, phones.to_e164(row.phone), row.minutes, row.hours)
        for row in rows
        if phones.takes_sms(row.phone)
    ]
    if not found:
        return _without_ladder(now)
    is_open = unit is not None and deadlines.is_open(now, calendar_of(unit, now.date()))
    return in_force(found, unit_open=is_open)


def _without_ladder(now: datetime) -> list[Rung]:
    day = timezone.localdate(now)
    numbers = {landlord.current().on_call_phone: _("the on-call phone")}
    for desk in Desk.objects.filter(kind=Desk.Kind.ON_CALL).select_related("unit"):
        for member in absences.present_members(people_of(desk, day), day):
            if member.user.phone_verified:
                numbers.setdefault(member.user.phone, member.user.first_name)
    return [
        Rung(str(name), phones.to_e164(number), FALLBACK_MINUTES)
        for number, name in numbers.items()
        if phones.takes_sms(number)
    ]


class DangerKind(DeliveryKind):
    """A ring by text message to somebody on call; at any hour, and never twice for one step."""

    kind = Delivery.Kind.DANGER
    rings_at_night = True

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return False once somebody has the claim in hand."""
        return must_ring(Claim.objects.system("ringing").get(pk=delivery.facts["claim"]))

    def on_failed(self, delivery: Delivery, now: datetime) -> None:
        """Ring the next one at once."""
        number = delivery.facts["number"]
        Job.objects.filter(
            kind=Job.Kind.RING,
            key=f"{delivery.facts['claim']}:{number + 1}",
            done_at=None,
            attempts=0,
        ).update(next_at=Now())
        _order_next(delivery.facts["claim"], number)


def revert(event: ClaimEvent) -> None:
    """Withdraw the ring that an undone step ordered; one that left already is not unsaid."""
    Job.objects.filter(
        kind=Job.Kind.RING, key=f"{event.claim_id}:0", done_at=None, attempts=0
    ).delete()
