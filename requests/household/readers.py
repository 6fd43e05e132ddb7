"""Name who reads a claim, by asking the very querysets that let them."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.models import Contractor, Membership, Unit
from portal.access import Role
from requests.claims.models import Claim
from requests.work_orders.models import WorkOrder
from requests.work_orders.order_links import GONE
from tenants.models import Mandate, Occupancy, Tenant


@dataclass(frozen=True)
class Readers:
    """Everybody who may open a claim besides its author."""

    home: list[Tenant] = field(default_factory=list)
    proxies: list[Mandate] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    caretakers: bool = False
    contractors: list[Contractor] = field(default_factory=list)


def readers_of(claim: Claim, now: datetime) -> Readers:
    """Return who may read the claim at ``now``.

    People of the home count with or without an account: they may get one.
    """
    today = timezone.localdate(now)
    this = Claim.objects.system("readers of a claim").filter(pk=claim.pk)
    home = []
    if claim.dwelling_id and claim.tenant_id:
        stays = (
            Occupancy.objects.system("readers of a claim")
            .in_force(today)
            .filter(lease__dwelling=claim.dwelling_id)
        )
        people = Tenant.objects.system("readers of a claim").filter(
            pk__in=stays.values("tenant"), merged_into__isnull=True
        )
        others = people.exclude(pk=claim.tenant_id).order_by("last_name", "first_name", "pk")
        home = [who for who in others if this.shared_with(who, today).exists()]
    given = Mandate.objects.system("readers of a claim").in_force(today)
    mandates = given.filter(tenant=claim.tenant_id).select_related("proxy")
    orders = WorkOrder.objects.system("readers of a claim").filter(claim=claim)
    sent = orders.filter(sent_at__isnull=False).exclude(state__in=GONE).values("contractor")
    return Readers(
        home=home,
        proxies=[row for row in mandates if this.of_proxy(row.proxy, today).exists()],
        units=[unit for unit in _concerned(claim) if this.visible_to(_agent_of(unit)).exists()],
        caretakers=bool(claim.building_id) and this.for_caretakers().exists(),
        contractors=list(Contractor.objects.filter(pk__in=sent).order_by("name")),
    )


def _concerned(claim: Claim) -> list[Unit]:
    """Return the units that have to do with the claim; whether they read it is asked of each."""
    keys = set(claim.lendings.values_list("help__helper", flat=True))
    keys |= {place.unit_id for place in (claim.owner, claim.residence) if place}
    return list(Unit.objects.filter(pk__in=keys).order_by("name"))


def _agent_of(unit: Unit) -> Membership:
    return Membership(unit=unit, role=Role.AGENT)


def sentences(claim: Claim, now: datetime, *, named: bool) -> list[str]:
    """Return what the author reads about it; without ``named`` nobody's name (a page by link)."""
    found = readers_of(claim, now)
    lines = [_home(found.home, named)]
    if found.proxies:
        names = ", ".join(row.proxy_name for row in found.proxies)
        who = _("Who acts for you: %(names)s.") % {"names": names}
        lines.append(who if named else _("The person who acts for you."))
    if found.caretakers:
        lines.append(_("The caretaker of your building: the fault and the place, not your name."))
    return lines + _at_work(claim, found)


def staff_sentences(claim: Claim, now: datetime) -> list[str]:
    """Return the same for staff."""
    found = readers_of(claim, now)
    if found.home:
        names = {"names": ", ".join(str(who) for who in found.home)}
        lines = [_("In the home: the author and %(names)s.") % names]
    else:
        lines = [_("In the home: the author alone.")]
    if found.proxies:
        names = {"names": ", ".join(row.proxy_name for row in found.proxies)}
        lines.append(_("Who acts for the author: %(names)s.") % names)
    if found.caretakers:
        lines.append(_("The caretaker of the building: the fault and the place, no name."))
    return lines + _at_work(claim, found)


def _at_work(claim: Claim, found: Readers) -> list[str]:
    """Return what the landlord's people and the companies read."""
    units = [str(unit) for unit in found.units if unit.kind != Unit.Kind.HEAD_OFFICE]
    units += [_("head office"), _("the contact centre"), _("the on-call service")]
    lines = [_("At the landlord’s: %(units)s.") % {"units": ", ".join(units)}]
    if names := ", ".join(str(contractor) for contractor in found.contractors):
        text = _("The company that comes (%(names)s): the request, to do the work.")
        if claim.is_confidential:
            text = _("The company that comes (%(names)s): the work to do, not the words.")
        lines.append(text % {"names": names})
    return lines


def _home(home: list[Tenant], named: bool) -> str:
    if not home:
        return _("In your home: nobody but you.")
    if not named:
        text = ngettext(
            "In your home: you and %(n)s other person.",
            "In your home: you and %(n)s other people.",
            len(home),
        )
        return text % {"n": len(home)}
    names = ", ".join(f"{who.first_name} {who.last_name}".strip() for who in home)
    return _("In your home: you and %(names)s.") % {"names": names}
