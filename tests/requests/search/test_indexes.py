"""What the looks ask is what the indexes hold; which a big table takes is measured."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies import finding as places
from portal.clock import now
from requests.claims import search as claims_search
from requests.claims.models import Claim
from requests.equipment.log import visible_to
from tenants import finding as people
from tenants.models import Tenant
from tests import factories

pytestmark = pytest.mark.django_db
WAYS = ("enable_seqscan", "enable_indexscan", "enable_indexonlyscan", "enable_nestloop")


@pytest.fixture
def member(landlord):
    person = factories.tenant(landlord["dwelling"])
    factories.contact(person, "+33639984494")
    factories.leak(landlord, now(), contact_phone="0639984494")
    return factories.member(landlord["head"], "head_office")


def plans(look) -> str:
    """Return the plans of all that ``look`` asks, reading a table whole being the last resort.

    Without loops and plain scans of an index too: in a small table those of a key win, by chance.
    """
    with CaptureQueriesContext(connection) as asked:
        look()
    found = []
    with connection.cursor() as cursor:
        for way in WAYS:
            cursor.execute(f"SET LOCAL {way} = off")
        for query in asked.captured_queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute(f"EXPLAIN {query['sql']}")
                found += [row[0] for row in cursor.fetchall()]
        for way in WAYS:
            cursor.execute(f"SET LOCAL {way} = on")
    return "\n".join(found)


@pytest.mark.parametrize(
    ("look", "index"),
    [
        (lambda m: people.by_phone(m, "639984494", 5), "contact_digits"),
        (lambda m: people.by_mail(m, "a@b.test", 5), "contact_value"),
        (lambda m: people.by_name(Tenant.unscoped.all(), "traore", 5), "tenant_search_words"),
        (lambda m: people.by_name(Tenant.unscoped.all(), "troare", 5), "tenant_search_words"),
        (
            lambda m: list(people.by_reference(Tenant.unscoped.all(), "L1")),
            "tenant_external_ref",
        ),
        (lambda m: places.find(places.Stock(m), "33 bd lin", 5), "staircase_plain"),
        (lambda m: places.find(places.Stock(m), "tileuls", 5), "residence_plain"),
        (lambda m: places.find_equipment(visible_to(m), "ascenseur", 5), "equipment_plain"),
        (
            lambda m: claims_search.find(Claim.unscoped.all(), "fuites"),
            "claim_search_stems",
        ),
        (
            lambda m: claims_search.find(Claim.unscoped.all(), "eclarage"),
            "claim_search_words",
        ),
        (
            lambda m: claims_search.find(Claim.unscoped.all(), "0639984494"),
            "claim_contact_digits",
        ),
        (
            lambda m: list(claims_search.of_reference(Claim.objects.visible_to(m), "7K4Q2M")),
            "requests_claim_reference",
        ),
    ],
)
def test_each_look_is_served_by_its_index(member, look, index):
    found = plans(lambda: look(member))
    assert index in found, found
