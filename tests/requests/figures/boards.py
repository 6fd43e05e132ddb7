"""Boards as tests read them: addresses, cards and lines, and events of some days ago."""

from datetime import timedelta

from portal.clock import now
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim

OVERVIEW, AGENCY, CLAIMS = "/head-office/", "/figures/", "/figures/claims/"
OLD = timedelta(days=10)  # long enough for head office to see it


def cards(answer) -> dict:
    return {card.slug: card for card in answer.context["board"].cards}


def line(answer, unit: str) -> dict:
    """Return the cells of one unit by the heads of their columns."""
    table = cards(answer)["units"].table
    row = next(row for row in table.rows if row[0].value == unit)
    return {head.text: cell for head, cell in zip(table.heads, row, strict=True)}


def told(claim, *names: str, days: int = 5, role: str = "agent") -> None:
    at = now() - timedelta(days=days)
    for name in names:
        ClaimEvent.unscoped.create(claim=claim, name=name, at=at, state="done", role=role)


def claims_of_test() -> list[Claim]:
    return list(Claim.objects.system("test").order_by("pk"))
