"""What the looks ask is what the indexes hold; which a big table takes is measured."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies import place_search as places
from portal.clock import now
from requests.claims import search as claims_search
from requests.claims.models import Claim
from requests.equipment.log import visible_to
from tenants import person_search as people
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
            if query["sql"].lstrip("(").startswith("SELECT"):
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


def test_endings_are_not_computed_row_after_row(member):
    """Of several words too: the index has them all, however many claims have one of them."""
    found = plans(lambda: claims_search.find(Claim.unscoped.all(), "fuites eclairages couloir"))
    assert "claim_search_stems" in found
    assert not [line for line in found.splitlines() if "Filter: " in line and "tsvector" in line]


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("éclairages morts", True),  # both with another ending
        ("éclair morts", True),  # one is unfinished, one has another ending
        ("clairag mor", True),  # a part in the middle
        ("les éclairages", True),  # what French leaves out asks for nothing
        ("éclairages fenêtre", False),
        ("éclairages mrot", True),  # a slip
    ],
)
def test_words_are_found_in_any_of_these_ways(landlord, typed, is_found):
    claim = factories.leak(landlord, now(), words="Éclairage mort")
    found, _near = claims_search.find(Claim.unscoped.all(), typed)
    assert list(found) == [claim] * is_found


def test_parts_of_words_are_looked_for_where_no_whole_word_is_found(landlord):
    of_word = factories.leak(landlord, now(), words="Eau sous la porte")
    of_part = factories.leak(landlord, now(), words="Tableau tombé", key="2")
    assert list(claims_search.find(Claim.unscoped.all(), "eau")[0]) == [of_word]
    assert list(claims_search.find(Claim.unscoped.all(), "ablea")[0]) == [of_part]
