"""The right pane: who, where, what else here, what equipment, what is planned, why here."""

import re
from datetime import timedelta

from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.models import Dwelling, Membership
from portal.access import Role
from portal.phones import national_format, to_e164
from requests.claims.models import Claim
from requests.claims.panels import ClaimPage, Panel
from requests.identity import senders
from requests.kit.choices import ENDED, OPEN
from requests.planned_works.models import PlannedWorks
from tenants.models import Occupancy, Tenant

NEAR = 30
RECENT = timedelta(days=30)
YEAR = timedelta(days=365)
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
    found: dict = {"near": [], "near_more": False, "ended_here": 0, "riser": []}
    claim, moment = page.claim, page.moment
    if not claim.building_id:
        return found
    closeness = []
    if claim.dwelling_id:
        closeness.append(When(dwelling=claim.dwelling_id, then=Value(0)))
    if claim.staircase_id:
        closeness.append(When(staircase=claim.staircase_id, then=Value(2)))
    around = (
        Claim.objects.visible_to(page.membership)
        .filter(building=claim.building_id)
        .exclude(pk=claim.pk)
    )
    family = claim.category.family_id
    recent = Q(category__family=family, filed_at__gte=moment - RECENT, staircase__isnull=False)
    claims = list(
        around.filter(Q(state__in=OPEN) | recent & Q(staircase=claim.staircase_id))
        .select_related("category", "dwelling")
        .annotate(distance=Case(*closeness, default=Value(3), output_field=IntegerField()))
        .order_by("distance", "-filed_at")[: NEAR + 1]
    )
    mine = riser_column(claim.dwelling)
    for other in claims:
        if other.distance == 2 and mine and riser_column(other.dwelling) == mine:
            other.distance = 1
    found["riser"] = [
        c
        for c in claims
        if c.distance == 1 and c.category.family_id == family and c.filed_at >= moment - RECENT
    ]
    shown = [c for c in claims[:NEAR] if c.state in OPEN]
    found["near"] = [
        (title, [c for c in shown if c.distance == number]) for number, title in enumerate(TITLES)
    ]
    found["near_more"] = len(claims) > NEAR
    if claim.dwelling_id:
        found["ended_here"] = around.filter(
            dwelling=claim.dwelling_id, state__in=ENDED, ended_at__gte=moment - YEAR
        ).aggregate(number=Count("pk"))["number"]
    return found


def household(dwelling_id: int | None, tenant) -> dict:
    """Return the lease in force on a dwelling, and who else lives under it."""
    if dwelling_id is None:
        return {"lease": None, "co_holders": []}
    today = timezone.localdate()
    here = list(
        Occupancy.objects.system("home of a visible claim")
        .filter(lease__dwelling=dwelling_id)
        .filter(Q(ends__isnull=True) | Q(ends__gte=today))
        .filter(Q(lease__ends__isnull=True) | Q(lease__ends__gte=today))
        .filter(tenant__merged_into__isnull=True)  # the kept record stands for them
        .select_related("lease", "tenant")
        .order_by("-lease__starts", "pk")
    )
    lease = here[0].lease if here else None
    others = [
        o
        for o in here
        if lease and o.lease_id == lease.pk and (not tenant or o.tenant_id != tenant.pk)
    ]
    return {"lease": lease, "co_holders": others}


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
    return list(unit.hours.filter(weekday=timezone.localdate().weekday())) if unit else []


def person(tenant, member: Membership) -> dict:
    """Return how to reach a tenant, and the coded needs still in force.

    Nothing of somebody who left the member's stock.
    """
    if tenant is None:
        return {"contacts": [], "needs": []}
    here = {"tenant__in": Tenant.objects.at_home_with(member)}
    needs = tenant.needs.filter(expires__gte=timezone.localdate())
    return {
        "contacts": list(
            tenant.contact_points.filter(**here, failing=False).order_by(
                "proposed", "-preferred", "kind"
            )
        ),
        "needs": list(needs.filter(**here)),
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
    return {
        "guess": guess_of(page),
        # A number that the file has too is shown once.
        "phone_given": "" if to_e164(given) in values else national_format(given),
        **known,
        **household(page.claim.dwelling_id, page.claim.tenant),
    }


def place_panel(page: ClaimPage) -> dict:
    """Return the caretaker and their hours, and the same fault on the same riser."""
    residence = page.claim.residence
    return {
        "caretaker": caretaker_of(residence),
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
    visits: list[Claim] = []
    if claim.building_id:
        visits = list(
            Claim.objects.visible_to(page.membership)
            .filter(building=claim.building_id, state__in=OPEN, visit_at__gte=moment)
            .exclude(pk=claim.pk)
            .select_related("category")
            .order_by("visit_at")[:5]
        )
    works: list[PlannedWorks] = []
    if claim.staircase:
        works = list(PlannedWorks.objects.ahead(moment).at(claim.staircase, claim.dwelling)[:5])
    return {"planned": visits, "works": works}


PERSON = Panel("person", "requests/inbox/_person.html", author_panel)
PLACE = Panel("place", "requests/inbox/_place.html", place_panel)
NEARBY = Panel("nearby", "requests/inbox/_nearby.html", nearby_panel)
MORE_NEARBY = Panel("more-nearby", "requests/inbox/_more_nearby.html", more_nearby_panel)
PLANNED = Panel("planned", "requests/inbox/_planned.html", planned_panel)
