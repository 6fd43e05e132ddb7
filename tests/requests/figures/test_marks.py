"""Every mark of a board opens its claims, and a neighbourhood is counted as all is."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from agencies.models import Contractor, Residence
from portal.clock import now
from requests.claims.events import Event
from requests.figures import upkeep
from requests.work_orders.models import WorkOrder
from tests.requests.figures.boards import (
    AGENCY,
    CLAIMS,
    OLD,
    OVERVIEW,
    cards,
    claims_of_test,
    line,
    told,
)
from tests.requests.fixtures.desk import make_claim, make_unit

pytestmark = pytest.mark.django_db


def order(claim, number: int, state: str) -> None:
    """Give a claim an order that is past its date, or was done late."""
    company, _new = Contractor.objects.get_or_create(name="Plomberie Le Goff")
    WorkOrder.objects.system("test").create(
        claim=claim,
        number=number,
        contractor=company,
        payer="landlord",
        why="by_law",
        description="x",
        state=state,
        respond_by=now() - timedelta(days=6),
        created_at=now() - timedelta(days=8),
        sent_at=now() - timedelta(days=8),
        done_at=now() - timedelta(days=5) if state == "done" else None,
    )


def numbers(answer) -> dict:
    """Return the cells of every table of a board, without what they open."""
    return {
        slug: [[cell.value for cell in row] for row in card.table.rows]
        for slug, card in cards(answer).items()
    }


def test_a_neighbourhood_is_counted_from_facts_as_all_is_from_sums(head, north):
    """Its figures are everybody's where all live there, and nothing where another is chosen."""
    told(claims_of_test()[0], Event.REPORT_DONE, Event.SAY_NOT_FIXED, Event.REPORT_DONE)
    order(claims_of_test()[0], 1, "done")
    Residence.objects.update(district="Centre")
    _unit, desk, residence = make_unit("sud")
    Residence.objects.filter(pk=residence.pk).update(district="Rives")
    upkeep.refresh(now=now())
    for board in (OVERVIEW, f"{OVERVIEW}stock/", AGENCY):
        for asked in ({}, {"family": "PLO", "compare": "on"}, {"channel": "web"}):
            everywhere = numbers(head.get(board, {**asked, "unit": "nord"}))
            there = head.get(board, {**asked, "unit": "nord", "neighbourhood": "Centre"})
            assert numbers(there) == everywhere
    found = line(head.get(OVERVIEW, {"neighbourhood": "Centre"}), "Nord")
    assert "neighbourhood=Centre" in found["Reçues"].href
    assert head.get(found["Reçues"].href).context["page_obj"].paginator.count == 3
    make_claim(desk, residence, filed_at=now() - OLD)
    upkeep.refresh(now=now())
    there = head.get(OVERVIEW, {"neighbourhood": "Rives"})
    assert [line(there, name)["Reçues"].value for name in ("Nord", "Sud")] == [0, 1]
    assert head.get(CLAIMS, {"neighbourhood": "Rives"}).context["page_obj"].paginator.count == 1


def test_every_mark_opens_its_claims(head, north):
    """Each kind of address that a table, a drawing or a sentence holds is one that answers."""
    for claim in claims_of_test():
        told(claim, Event.REPORT_DONE, Event.SAY_NOT_FIXED, Event.REPORT_DONE)
        for number, state in enumerate(("done", "sent")):
            order(claim, number, state)
    upkeep.refresh(now=now())
    seen = set()
    for board in (OVERVIEW, f"{OVERVIEW}stock/", AGENCY):
        for card in cards(head.get(board)).values():
            marks = [cell for row in card.table.rows for cell in row] + card.says
            marks += card.drawing.shapes if card.drawing else []
            for href in {mark.href for mark in marks if mark.href}:
                address = urlsplit(href)
                query = parse_qs(address.query)
                kind = (address.path, *query.get("measure", ()), *sorted(query))
                if kind not in seen:
                    assert head.get(href).status_code == 200, href
                    seen.add(kind)
    assert len(seen) > 20
