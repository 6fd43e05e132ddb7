"""Name who reads a claim, by asking the very querysets that let them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.models import Contractor, Membership, Unit
from portal.access import Role
from requests.claims.access import ClaimQuerySet
from requests.claims.models import Claim
from requests.work_orders.order_links import GONE
from tenants.models import Lease, Mandate, Occupancy, Tenant
from tenants.stays import stays_in


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
    people: dict[Any, Tenant] = {}
    if claim.dwelling and claim.tenant_id:
        people = {
            stay.tenant_id: stay.tenant
            for stay in stays_in(claim.dwelling)
            if _lasts(stay, today) and _lasts(stay.lease, today)
        }
    people.pop(claim.tenant_id, None)
    others = [who for who in people.values() if who.merged_into_id is None]
    mandates = [
        row
        for row in (claim.tenant.mandates.all() if claim.tenant else ())
        if row.consent_at and not row.revoked_at and row.starts <= today <= row.ends
    ]
    units = {place.unit_id: place.unit for place in (claim.owner, claim.residence) if place}
    units |= {row.help.helper_id: row.help.helper for row in claim.lendings.all()}
    sent = {
        order.contractor_id: order.contractor
        for order in claim.orders.all()
        if order.sent_at and order.state not in GONE
    }
    # Whether each reads it is asked of the querysets that let them, in one statement.
    asked: list[tuple[str, Any, ClaimQuerySet]] = []
    this = Claim.objects.system("readers of a claim")
    asked += [("home", who, this.shared_with(who, today)) for who in others]
    asked += [("proxies", row, this.of_proxy(row.proxy, today)) for row in mandates if row.proxy]
    asked += [("units", unit, this.visible_to(_agent_of(unit))) for unit in units.values()]
    if claim.building_id:
        asked.append(("caretakers", True, this.for_caretakers()))
    found: dict[str, list[Any]] = {"home": [], "proxies": [], "units": [], "caretakers": []}
    for (kind, who, _rows), reads in zip(asked, _each(this, claim, asked), strict=True):
        if reads:
            found[kind].append(who)
    return Readers(
        home=sorted(found["home"], key=lambda who: (who.last_name, who.first_name, who.pk)),
        proxies=found["proxies"],
        units=sorted(found["units"], key=lambda unit: unit.name),
        caretakers=bool(found["caretakers"]),
        contractors=sorted(sent.values(), key=lambda company: company.name),
    )


def _each(rows: ClaimQuerySet, claim: Claim, asked: Sequence[tuple]) -> list[bool]:
    """Return whether the claim is among each of the querysets ``asked``; one statement for all."""
    if not asked:
        return []
    named = {
        f"reads_{number}": Exists(scope.filter(pk=OuterRef("pk")))
        for number, (_kind, _who, scope) in enumerate(asked)
    }
    row = rows.filter(pk=claim.pk).annotate(**named).values(*named).first()
    return list(row.values()) if row else [False] * len(asked)


def _lasts(held: Occupancy | Lease, today: date) -> bool:
    return held.starts <= today and (held.ends is None or held.ends >= today)


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
