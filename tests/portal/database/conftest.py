"""A landlord with two agencies that must not read of each other."""

from datetime import timedelta

import pytest
from django.conf import settings

from portal.clock import now
from requests.claims.models import Claim
from requests.work_orders.models import WorkOrder
from tests import factories

needs_roles = pytest.mark.skipif(
    not settings.PALIER_DATABASE_OWNER, reason="DATABASE_URL was given without its owner"
)

CANARY, OWN = "canari7h2k", "Cheznous"


@pytest.fixture
def house(landlord) -> dict:
    return with_two_sides(landlord)


def with_two_sides(landlord: dict) -> dict:
    """Two agencies, each with a home, a person with an account, a claim, an order and a letter."""
    north, south = landlord["north"], landlord["south"]
    far = factories.home_of(south)
    made = {**landlord, "far": far}
    for name, home, text in (("near", landlord["dwelling"], OWN), ("far", far, CANARY)):
        person = factories.tenant(
            home, email=f"{name}@example.test", first_name=text, last_name=text, bill_code=name * 3
        )
        factories.contact(person, f"{text.lower()}@mail.test")
        claim = factories.leak(
            {**landlord, "dwelling": home},
            now(),
            key=name,
            words=text,
            contact_name=text,
            contact_email=f"{text.lower()}@mail.test",
        )
        desk = north if name == "near" else south
        Claim.unscoped.filter(pk=claim.pk).update(
            tenant=person,
            owner=desk.desks.get(kind="technical"),
            state="in_progress",
            routed_at=now(),
            sorted_at=now(),
        )
        claim.refresh_from_db()
        holder = factories.contractor(f"Entreprise {name}")
        order = WorkOrder.objects.create(
            claim=claim,
            number=1,
            contractor=holder,
            payer="landlord",
            why="by_law",
            description=text,
            respond_by=now() + timedelta(days=1),
            created_at=now(),
            sent_at=now(),
            state="sent",
        )
        made[f"{name}_side"] = {
            "person": person,
            "claim": claim,
            "holder": holder,
            "order": order,
        }
    return made
