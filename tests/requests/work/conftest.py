"""A claim about a leak, a contractor under contract, an order sent to them."""

from datetime import timedelta

import pytest

from portal.clock import now
from requests.actions import appointment
from requests.actions.filing import Filing, file_claim
from requests.actions.routing import route_claim
from requests.actions.work import CONTRACTOR, Actor, create_order, send_order
from tests import factories


def later(**delta):
    """A round instant from now on, aware."""
    return now().replace(minute=0, second=0, microsecond=0) + timedelta(**delta)


def book(order, by=CONTRACTOR, **at):
    """A visit of two hours, that long from now, agreed by phone."""
    return appointment.book(
        order=order,
        starts=later(**at),
        ends=later(**at) + timedelta(hours=2),
        actor=by,
        channel="phone",
        now=now(),
    )


@pytest.fixture
def agent(landlord):
    return Actor.member(factories.member(landlord["north"], "agent"))


@pytest.fixture
def manager(landlord):
    return Actor.member(factories.member(landlord["north"], "agency_manager"))


@pytest.fixture
def make_claim(landlord):
    def make(key="k", **values):
        filing = Filing(
            **{
                "channel": "web",
                "key": key,
                "category": "PLO-03",
                "dwelling": landlord["dwelling"].pk,
                "contact_name": "Awa Traoré",
                "contact_phone": "0612345678",
                "contact_email": "awa@example.test",
                "words": "Ça coule",
                **values,
            }
        )
        made = file_claim(filing, now=now())
        route_claim(claim_id=made.pk, now=now())
        made.refresh_from_db()
        return made

    return make


@pytest.fixture
def claim(make_claim):
    return make_claim()


@pytest.fixture
def contract(landlord):
    return factories.contract(factories.contractor())


@pytest.fixture
def make_order(contract, agent):
    def make(claim, send=True, **values):
        order = create_order(
            **{
                "claim": claim,
                "contractor": contract.contractor,
                "contract": contract,
                "payer": "landlord",
                "why": "by_law",
                "description": "Réparer la fuite",
                "access_notes": "Digicode 12B4",
                "respond_by": later(days=3),
                "actor": agent,
                "now": now(),
                **values,
            }
        )
        if send:
            send_order(order=order, actor=agent, now=now())
        return order

    return make


@pytest.fixture
def order(make_order, claim):
    return make_order(claim)


@pytest.fixture
def slots(contract):
    spans = [(later(days=n, hours=0), later(days=n, hours=2)) for n in (2, 3, 4)]
    appointment.publish_slots(contract.contractor, spans)
    return spans
