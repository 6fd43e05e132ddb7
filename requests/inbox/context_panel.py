"""The right pane: who, where, what else here, what equipment, what is planned, why here."""

import re

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.models import Dwelling, Membership
from portal.access import Role
from portal.database.related_rows import kept
from portal.phones import national_format, to_e164
from requests.claims.around import MOST, RECENT, YEAR, ended_here, in_building
from requests.claims.models import Claim
from requests.claims.panels import ClaimPage, Panel
from requests.identity import senders
from requests.kit.choices import ENDED, OPEN
from requests.planned_works.models import PlannedWorks
from tenants.models import Tenant
from tenants.stays import stays_in

NEAR = 30
TITLES = (_("Open here"), _("Same riser"), _("Same staircase"), _("In the building"))


def riser_column(dwelling: Dwelling | None) -> str:
    """Return the riser that a dwelling stands on: "34" on floor 3 and "24" on floor 2 are both "4".

    "" when the door's name says nothing about it. Dwellings of one riser share their pipes.
    """
    if dwelling is None or not dwelling.door:
        return ""
    number = re.sub(r"\D", "", dwelling.door)
    if number and dwelling.floor is not None and number.startswith(str(dwelling.floor)):
        return number[len(str(dwelling.floor)) :].lstrip("0")
    return ""


def _near(page: ClaimPage) -> dict:
    """Return open claims by closeness, what ended here in a year, and faults of the same riser."""
    found: dict = {"near": [], "near_more": False, "ended_here": 0, "riser": [], "planned": []}
    claim, moment = page.claim, page.moment
    if not claim.building_id:
        return found
    rows = in_building(page)
    family, since = claim.category.family_id, moment - RECENT
    mine = riser_column(claim.dwelling)
    claims = []
    for other in rows:
        recent = other.category.family_id == family and other.filed_at >= since
        here = recent and claim.staircase_id and other.staircase_id == claim.staircase_id
        if not (other.state in OPEN or here):
            continue
        if other.distance == 2 and mine and riser_column(other.dwelling) == mine:
            other.distance = 1
            if recent:
                found["riser"].append(other)
        claims.append(other)
    shown = [c for c in claims[:NEAR] if c.state in OPEN]
    found["near"] = [
        (title, [c for c in shown if c.distance == number]) for number, title in enumerate(TITLES)
    ]
    found["near_more"] = len(claims) > NEAR
    found |= _ended_and_planned(page, rows)
    return found


def _ended_and_planned(page: ClaimPage, rows: list[Claim]) -> dict:
    """Return how many ended in the dwelling in a year, and the next five visits in the building."""
    claim, moment = page.claim, page.moment
    if len(rows) <= MOST:
        here = [c for c in rows if c.distance == 0 and c.state in ENDED]
        visits = [(c.visit_at, c) for c in rows if c.state in OPEN and c.visit_at]
        ahead = [(at, c) for at, c in visits if at >= moment]
        return {
            "ended_here": sum(1 for c in here if c.ended_at and c.ended_at >= moment - YEAR),
            "planned": [c for _at, c in sorted(ahead, key=lambda pair: pair[0])[:5]],
        }
    around = Claim.objects.visible_to(page.membership).exclude(pk=claim.pk)
    around = around.filter(building=claim.building_id)
    planned = around.filter(state__in=OPEN, visit_at__gte=moment).select_related("category")
    ended = (
        around.filter(ended_here(claim.dwelling_id, moment)) if claim.dwelling_id else around.none()
    )
    return {"ended_here": ended.count(), "planned": list(planned.order_by("visit_at")[:5])}


def household(dwelling: Dwelling | None, tenant: Tenant | None) -> dict:
    """Return the lease in force on a dwelling, and who else lives under it."""
    if dwelling is None:
        return {"lease": None, "co_holders": []}
    today = timezone.localdate()
    here = [
        stay
        for stay in stays_in(dwelling)
        if all(ends is None or ends >= today for ends in (stay.ends, stay.lease.ends))
        and stay.tenant.merged_into_id is None  # the kept record stands for them
    ]
    here.sort(key=lambda stay: stay.pk)
    here.sort(key=lambda stay: stay.lease.starts, reverse=True)
    lease = here[0].lease if here else None
    others = [
        o
        for o in here
        if lease and o.lease_id == lease.pk and (not tenant or o.tenant_id != tenant.pk)
    ]
    return {"lease": lease, "co_holders": others}


def _caretaker(claim: Claim) -> Membership | None:
    """Return the caretaker of the claim's place, from what was read with it."""
    of_sector, of_unit = kept(claim, "caretakers_of_sector"), kept(claim, "caretakers_of_unit")
    if of_sector is None or of_unit is None:
        return caretaker_of(claim.residence)
    today = timezone.localdate()
    for row in [*sorted(of_sector, key=_by_key), *sorted(of_unit, key=_by_key)]:
        if row.starts <= today and (row.ends is None or row.ends >= today):
            return row
    return None


def _by_key(row: Membership) -> int:
    return row.pk


def caretaker_of(residence) -> Membership | None:
    """Return the caretaker of the residence's sector, else its agency's one without sectors."""
    if residence is None:
        return None
    today = timezone.localdate()
    return (
        Membership.objects.filter(role=Role.CARETAKER, unit=residence.unit_id, starts__lte=today)
        .filter(Q(ends__isnull=True) | Q(ends__gte=today))
        .filter(Q(sectors__isnull=True) | Q(sectors=residence.sector_id))
        .select_related("user")
        .order_by("sectors", "pk")
        .first()
    )


def hours_today(unit) -> list:
    """Return the unit's intervals of today's weekday; the unit's caretakers keep them too."""
    today = timezone.localdate().weekday()
    return [row for row in unit.hours.all() if row.weekday == today] if unit else []


def person(tenant, member: Membership) -> dict:
    """Return how to reach a tenant, and the coded needs still in force.

    Nothing of somebody who left the member's stock.
    """
    if tenant is None:
        return {"contacts": [], "needs": []}
    here, today = Tenant.objects.at_home_with(member), timezone.localdate()
    points, needs = tenant.contact_points.all(), tenant.needs.all()
    if points._result_cache is None:  # the person alone, not a claim that was read whole
        points, needs = (rows.filter(tenant__in=here) for rows in (points, needs))
    elif not here.filter(pk=tenant.pk).exists():
        return {"contacts": [], "needs": []}
    reachable = [point for point in points if not point.failing]
    return {
        "contacts": sorted(reachable, key=lambda row: (row.proposed, not row.preferred, row.kind)),
        "needs": [need for need in needs if need.expires >= today],
    }


def cached_neighbourhood(page: ClaimPage) -> dict:
    """Return what ``_near`` finds, asked once a page."""
    return page.compute_once("near", lambda: _near(page))


def person_of(page: ClaimPage) -> dict:
    """Return what ``person`` finds of the claim's tenant, asked once a page."""
    return page.compute_once("person", lambda: person(page.claim.tenant, page.membership))


def guess_of(page: ClaimPage) -> senders.Guess | None:
    """Return who probably filed the claim, asked once a page."""
    return page.compute_once(
        "guess", lambda: senders.guess(page.claim, page.membership, page.moment)
    )


def author_panel(page: ClaimPage) -> dict:
    """Return who filed the claim, or probably did, how to reach them, and the household."""
    known, given = person_of(page), page.claim.contact_phone
    values = {to_e164(contact.value) for contact in known["contacts"] if contact.kind == "phone"}
    mails = {row.value.casefold() for row in known["contacts"] if row.kind == "email"}
    mail = page.claim.contact_email
    return {
        "guess": guess_of(page),
        # A number or an address that the file has too is shown once.
        "phone_given": "" if to_e164(given) in values else national_format(given),
        "email_given": "" if mail.casefold() in mails else mail,
        **known,
        **household(page.claim.dwelling, page.claim.tenant),
    }


def place_panel(page: ClaimPage) -> dict:
    """Return the caretaker and their hours, and the same fault on the same riser."""
    residence = page.claim.residence
    return {
        "caretaker": _caretaker(page.claim),
        "hours": hours_today(residence.unit if residence else None),
        "riser": cached_neighbourhood(page)["riser"],
    }


def nearby_panel(page: ClaimPage) -> dict | None:
    """Return the open claims around, by closeness."""
    found = cached_neighbourhood(page)["near"]
    return {"near": found} if found else None


def more_nearby_panel(page: ClaimPage) -> dict:
    """Return whether there are more around, and how many ended in the dwelling in a year."""
    found = cached_neighbourhood(page)
    return {"near_more": found["near_more"], "ended_here": found["ended_here"]}


def planned_panel(page: ClaimPage) -> dict:
    """Return the next visits and works in the building, five of each."""
    claim, moment = page.claim, page.moment
    works: list[PlannedWorks] = []
    if claim.staircase:
        works = list(PlannedWorks.objects.ahead(moment).at(claim.staircase, claim.dwelling)[:5])
    return {"planned": cached_neighbourhood(page)["planned"], "works": works}


PERSON = Panel("person", "requests/inbox/_person.html", author_panel)
PLACE = Panel("place", "requests/inbox/_place.html", place_panel)
NEARBY = Panel("nearby", "requests/inbox/_nearby.html", nearby_panel)
MORE_NEARBY = Panel("more-nearby", "requests/inbox/_more_nearby.html", more_nearby_panel)
PLANNED = Panel("planned", "requests/inbox/_planned.html", planned_panel)
