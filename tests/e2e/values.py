"""The objects that a role sees, as arguments of addresses."""

from collections.abc import Callable

from django.db.models import Exists, OuterRef

from agencies import place_search
from agencies.access import caretaker_buildings
from agencies.models import Membership
from portal.access import Role
from portal.clock import now
from requests.attachments.models import Attachment
from requests.claims import links
from requests.claims.models import Claim
from requests.console.sections import SECTIONS
from requests.conversation.models import CannedReply
from requests.equipment.log import visible_to
from requests.identity import contact_checks
from requests.kit.choices import OPEN
from requests.privacy.models import RightsRequest
from requests.work_orders.models import OrderLink
from tenants.models import ContactPoint, IdentityMerge, Mandate, Tenant
from tests.e2e import site

# Somebody who has no account; "filing" is the same person in the middle of filing.
VISITOR = ""


FILING = "filing"


def claims(role: str):
    claims = Claim.objects.system("walk").select_related("owner__unit")
    if role in (VISITOR, FILING):
        return claims
    user = site.account(role)
    membership = user.memberships.select_related("unit").first()
    # Of a tenant their own: what is only shared with them has fewer pages.
    return Claim.objects.visible_to(membership) if membership else Claim.objects.own_of(user)


def one_per_state(role: str) -> list[Claim]:
    """A claim in each state that this person sees."""
    return list(claims(role).order_by("state", "filed_at", "pk").distinct("state"))


def with_link(role: str, *states: str) -> list[Claim]:
    """The newest claim of each of these states, or of any, whose private link opens."""
    found: dict[str, Claim] = {}
    for claim in claims(role).order_by("-filed_at", "pk")[:400]:
        wanted = claim.state not in found and (not states or claim.state in states)
        if wanted and links.is_open(claim, now()):
            found[claim.state] = claim
    return [found[state] for state in sorted(found)]


def some_states(role: str, *states: str) -> list[Claim]:
    return [claim for claim in one_per_state(role) if claim.state in states]


def order_links(role: str) -> list[str]:
    """The link to an order whose visit is agreed: each action of the contractor is possible.

    One without photos first, whose weight is the page's own, then one with them.
    """
    links = OrderLink.unscoped.filter(order__state="confirmed").order_by("order__number")
    photos = Exists(Attachment.unscoped.filter(claim=OuterRef("order__claim")))
    plain = links.exclude(photos).values_list("token", flat=True)[:1]
    return [*plain, *links.filter(photos).values_list("token", flat=True)[:1]]


def visible(field: str) -> Callable[[str], list]:
    """The ``field`` of one claim of the role that has it."""

    def find(role: str) -> list:
        return list(
            claims(role).exclude(**{field: None}).order_by("pk").values_list(field, flat=True)[:1]
        )

    return find


def one(model, field: str = "pk") -> Callable[[str], list]:
    return lambda role: list(
        model._default_manager.order_by("pk").values_list(field, flat=True)[:1]
    )


def settings_rows() -> dict[str, Callable[[str], list]]:
    """One row of each section of the console."""
    return {
        f"console:{section.slug}_{page}:pk": one(section.model)
        for section in SECTIONS
        for page in ("edit", "delete")
    }


def colleague(role: str) -> list:
    """One of the landlord's people, as the console shows them."""
    agents = Membership.objects.filter(role=Role.AGENT).order_by("pk")
    return list(agents.values_list("pk", flat=True)[:1])


def looked_after(role: str) -> list:
    buildings = caretaker_buildings(site.account(role).memberships.first())
    return list(buildings.values_list("pk", flat=True)[:1])


def double(side: str) -> Callable[[str], list]:
    """The two records of the person whom the demo wrote twice."""

    def find(role: str) -> list:
        again = Tenant.objects.system("walk").get(external_ref="D-1")
        if side == "absorbed":
            return [again.pk]
        name = {"first_name": again.first_name, "last_name__iexact": again.last_name}
        twins = Tenant.objects.system("walk").filter(**name).exclude(pk=again.pk)
        return [twins.order_by("pk").values_list("pk", flat=True)[0]]

    return find


def merge(role: str) -> list:
    return list(IdentityMerge.objects.system("walk").values_list("key", flat=True)[:1])


def mandate(which: str) -> Callable[[str], list]:
    """A mandate given by the demo's tenant, one that she holds, or any."""

    def find(role: str) -> list:
        mandates = Mandate.objects.system("walk")
        if which == "given":
            mandates = mandates.filter(tenant__user__isnull=False)
        elif which == "held":
            mandates = mandates.filter(proxy__isnull=False)
        return list(mandates.values_list("pk", flat=True)[:1])

    return find


def of_neighbour(role: str) -> list:
    """A claim that the demo's tenant sees as a proxy."""
    held = Mandate.objects.system("walk").filter(proxy__isnull=False)
    claims = Claim.objects.system("walk").filter(
        tenant__mandates__in=held, category__sensitive=False, ended_at__isnull=True
    )
    return list(claims.order_by("pk").values_list("pk", flat=True)[:1])


def own_replies(role: str) -> list:
    unit = site.account(role).memberships.first().unit
    head = role == Role.HEAD_OFFICE
    rows = CannedReply.objects.filter(unit=None if head else unit)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:1])


def equipment_list(role: str) -> list:
    """The first piece of equipment that somebody of this role may see."""
    member = site.account(role).memberships.first()
    return list(visible_to(member).order_by("pk").values_list("pk", flat=True)[:1])


def place(rows: str) -> Callable[[str], list]:
    """The first residence, building, door or home that somebody of this role may see."""

    def find(role: str) -> list:
        stock = place_search.Stock(site.account(role).memberships.first())
        return list(getattr(stock, rows)().order_by("pk").values_list("pk", flat=True)[:1])

    return find


def rights_request(role: str) -> list:
    """One that still has its person."""
    return list(RightsRequest.unscoped.exclude(tenant=None).values_list("pk", flat=True)[:1])


def contact_questions(role: str) -> list[str]:
    """The link of a question whether a contact point is still right."""
    asked = ContactPoint.unscoped.filter(asked_at__isnull=False, failing=False)
    return [contact_checks.token(point) for point in asked.order_by("pk")[:1]]


def unknown_sender(role: str) -> list[str]:
    """The link of an open request that nobody is the author of yet."""
    open_ones = Claim.objects.system("walk").filter(tenant=None, state__in=OPEN, channel="sms")
    return [claim.token for claim in open_ones.order_by("-filed_at")[:1]]
