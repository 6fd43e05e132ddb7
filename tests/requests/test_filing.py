"""One door: filing writes claim, event and jobs together, once per key."""

from dataclasses import replace

import pytest

from portal.clock import now
from requests.actions.filing import Filing, KeyReused, file_claim
from requests.models import Claim, ClaimEvent, Job


@pytest.fixture
def filing(landlord) -> Filing:
    return Filing(channel="web", key="k", category="PLO-03", dwelling=landlord["dwelling"].pk)


def test_filing_writes_everything_that_follows(filing):
    claim = file_claim(filing, now=now())
    assert claim.building.code == "A"
    assert ClaimEvent.objects.get().name == "filed"
    assert set(Job.objects.values_list("kind", flat=True)) == {"route", "notify"}


def test_a_replay_is_harmless(filing):
    assert file_claim(filing, now=now()) == file_claim(filing, now=now())
    assert Claim.objects.system("test").count() == 1


def test_the_same_key_with_another_content_is_refused(filing):
    file_claim(filing, now=now())
    with pytest.raises(KeyReused):
        file_claim(replace(filing, words="autre chose"), now=now())


def test_filing_costs_a_bounded_number_of_queries(filing, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        file_claim(replace(filing, words="ça coule"), now=now())
