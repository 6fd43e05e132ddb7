"""Questions asked together are answered as when each is asked alone."""

import pytest
from django.db.models import Count

from agencies.models import Desk, Membership, Unit
from portal.database.together import ask_together
from portal.models import User
from tenants.models import Tenant
from tests.factories import member

pytestmark = pytest.mark.django_db


def test_objects_values_and_what_is_computed(landlord, django_assert_num_queries):
    for role in ("agent", "agency_manager"):
        member(landlord["north"], role)
    people = User.objects.order_by("-date_joined", "pk")
    units = Unit.objects.annotate(number=Count("desks"))
    roles = Membership.objects.order_by("role").values("role").annotate(n=Count("pk"))
    with django_assert_num_queries(1):
        found = ask_together(people, units, roles, Desk.objects.none())
    assert found[0] == list(people)
    assert [one.date_joined for one in found[0]] == [one.date_joined for one in people]
    assert [(one.pk, one.number) for one in found[1]] == [(one.pk, one.number) for one in units]
    assert (found[2], found[3]) == (list(roles), [])


def test_different_behalves_are_not_mixed(landlord):
    as_landlord = Tenant.objects.system("test")
    with pytest.raises(ValueError, match="together"):
        ask_together(Unit.objects.all(), as_landlord)
    with pytest.raises(ValueError, match="together"):
        ask_together(Membership.objects.select_related("unit"))
