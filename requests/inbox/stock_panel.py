"""What is open at a place, and what comes back there: on the pages of the stock."""

from datetime import timedelta

from django.db.models import Count, Max

from agencies.models import Equipment
from agencies.stock_panels import StockPage, StockPanel
from portal.access import Role
from requests.catalogue.models import Family
from requests.claims.access import ClaimQuerySet
from requests.claims.models import Claim
from requests.dangers.lists import is_danger, order_of_dangers
from requests.kit.choices import ENDED, OPEN, State

MOST = 15
YEAR = timedelta(days=365)
# From how many requests of one family in a year a place is said to repeat.
REPEATS = 3


def _claims(page: StockPage) -> ClaimQuerySet | None:
    """Return the claims of the place that the reader sees; None where another page has them."""
    if isinstance(page.place, Equipment):
        return None  # its log has them
    member = page.membership
    if member.role == Role.CARETAKER:
        return Claim.objects.for_caretaker(member).filter(page.here())
    return Claim.objects.visible_to(member).filter(page.here())


def open_claims(page: StockPage) -> dict | None:
    """Return the open claims of the place, dangers first, and how many ended in a year."""
    claims = _claims(page)
    if claims is None:
        return None
    rows = claims.filter(state__in=OPEN).select_related(
        "category", "staircase", "dwelling__staircase", "owner__unit"
    )
    found = list(rows.order_by(order_of_dangers(), "promise_at", "filed_at")[: MOST + 1])
    for claim in found:
        claim.in_danger = is_danger(claim)
    more = len(found) > MOST
    return {
        "claims": found[:MOST],
        "number": claims.filter(state__in=OPEN).count() if more else len(found),
        "more": more,
        "ended": claims.filter(state__in=ENDED, ended_at__gte=page.moment - YEAR).count(),
        "links": page.membership.role != Role.CARETAKER,
    }


def repeats(page: StockPage) -> dict | None:
    """Return the families of faults that came back at the place within a year."""
    claims = _claims(page)
    if claims is None:
        return None
    counted = (
        claims.filter(filed_at__gte=page.moment - YEAR, category__urgency__startswith="U")
        .exclude(state__in=[State.WITHDRAWN, State.REFUSED, State.MERGED])
        .order_by()
        .values("category__family")
        .annotate(number=Count("pk"), last=Max("filed_at"))
        .filter(number__gte=REPEATS)
        .order_by("-number")[:6]
    )
    rows = list(counted)
    families = Family.objects.in_bulk([row["category__family"] for row in rows])
    found = [
        {"family": families[row["category__family"]], "number": row["number"], "last": row["last"]}
        for row in rows
    ]
    return {"repeats": found} if found else None


CLAIMS = StockPanel("claims", "requests/inbox/_stock_claims.html", open_claims)
REPEATED = StockPanel("repeats", "requests/inbox/_stock_repeats.html", repeats, beside=True)
