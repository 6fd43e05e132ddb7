"""Language, needs and people of a home: changed by the person or by staff, as events."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from tenants.actions.contact_check import NEED_LASTS
from tenants.actions.contact_points import REASON, By, What, lock, record
from tenants.models import Need, Occupancy, PersonChange, Tenant

MOST_OCCUPANTS = 12
# The hours of texts for everybody (requests/channels/quiet_hours.py).
EARLIEST, LATEST, SHORTEST_DAY = 8, 20, 2


class NotPossible(Exception):
    """The change may not be made; ``args[0]``: ``too_long``, ``past``, ``too_short``,
    ``no_home`` or ``waits``."""


@transaction.atomic
def set_language(*, tenant: Tenant, language: str, side: str, by, now: datetime) -> None:
    """Write to the person in ``language``; no file sets it back."""
    locked = lock(tenant)
    if locked.language == language:
        return
    record(locked, What.LANGUAGE, side=side, by=by, now=now, was=locked.language, now_is=language)
    locked.language = language
    locked.save(update_fields=["language"])


@transaction.atomic
def set_hours(
    *, tenant: Tenant, since: int | None, until: int | None, side: str, by, now: datetime
) -> None:
    """Send texts between these hours only; None: those of everybody. Emergencies go at any hour.

    Raises ``NotPossible``: ``too_short`` when less than two hours of the day remain.
    """
    first, last = quiet(since, until)
    if last - first < SHORTEST_DAY:
        raise NotPossible("too_short")
    locked = lock(tenant)
    if (locked.texts_from, locked.texts_until) == (since, until):
        return
    record(locked, What.HOURS, side=side, by=by, now=now, value=f"{first} h – {last} h")
    locked.texts_from, locked.texts_until = since, until
    locked.save(update_fields=["texts_from", "texts_until"])


def quiet(since: int | None, until: int | None) -> tuple[int, int]:
    """Return the hours between which texts may go; the usual ones where none is said."""
    return (since if since is not None else EARLIEST, until if until is not None else LATEST)


@transaction.atomic
def add_need(
    *, tenant: Tenant, code: str, until: date | None, side: str, by, now: datetime
) -> Need:
    """Note a need until a day, at most a year away; one that is known runs until then.

    Raises ``NotPossible``: ``past``, ``too_long``.
    """
    today = timezone.localdate(now)
    expires = until or today + NEED_LASTS
    if expires < today:
        raise NotPossible("past")
    if expires > today + NEED_LASTS:
        raise NotPossible("too_long")
    need, _new = Need.objects.system(REASON).update_or_create(
        tenant=lock(tenant), code=code, defaults={"expires": expires, "asked_at": None}
    )
    facts = {"code": code, "until": expires.isoformat()}
    record(tenant, What.NEED_ADDED, side=side, by=by, now=now, **facts)
    return need


@transaction.atomic
def end_need(*, need: Need, side: str, by, now: datetime) -> None:
    """Forget a need that the person has no more; the event does not say which."""
    record(need.tenant, What.NEED_ENDED, side=side, by=by, now=now)
    Need.objects.system(REASON).filter(pk=need.pk).delete()


@transaction.atomic
def declare_occupant(
    *, tenant: Tenant, first_name: str, last_name: str, since: date, by, now: datetime
) -> PersonChange:
    """Say that somebody lives in one's home; a person of the landlord decides.

    Raises ``NotPossible``: ``no_home`` when it is not one home, ``past`` for a day to come,
    ``waits`` when too much waits already.
    """
    today = timezone.localdate(now)
    if since > today:
        raise NotPossible("past")
    stays = list(tenant.occupancies.all().in_force(today).acting()[:2])
    if len(stays) != 1:
        raise NotPossible("no_home")
    rows = PersonChange.objects.of(tenant=lock(tenant)).waiting().filter(what=What.OCCUPANT)
    if rows.count() >= MOST_OCCUPANTS:
        raise NotPossible("waits")
    facts = {
        "lease": stays[0].lease_id,
        "first_name": first_name,
        "last_name": last_name,
        "since": since.isoformat(),
    }
    return record(tenant, What.OCCUPANT, side=By.PERSON, by=by, now=now, state="waits", **facts)


@transaction.atomic
def accept_occupant(change: PersonChange) -> Occupancy | None:
    """Write who lives there, as the change says; None when the lease has ended meanwhile."""
    facts = change.facts
    stay = change.tenant.occupancies.filter(lease=facts["lease"]).select_related("lease").first()
    if stay is None or stay.lease.ends is not None:
        return None
    since = max(date.fromisoformat(facts["since"]), stay.lease.starts)
    person = Tenant.objects.create(
        first_name=facts["first_name"],
        last_name=facts["last_name"],
        language=change.tenant.language,
    )
    capacity = Occupancy.Capacity.OCCUPANT
    return Occupancy.objects.create(
        lease=stay.lease, tenant=person, capacity=capacity, starts=since
    )
