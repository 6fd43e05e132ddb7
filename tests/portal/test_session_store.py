"""Who signed in comes with the session, and only if the session's signed content says so."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.models import Landlord, Membership
from portal.models import User
from portal.session_store import opened_of
from tests.factories import member, note_session

pytestmark = pytest.mark.django_db
PAGE = "/agency/replies/"


@pytest.fixture
def agent(landlord, client):
    Landlord.objects.get_or_create(pk=1, defaults={"name": "Palier"})
    found = member(landlord["north"], "agent")
    client.force_login(found.user, backend="django.contrib.auth.backends.ModelBackend")
    note_session(client, found.user)  # as logging in by the page does
    client.get(PAGE)
    return found


def test_session_user_role_and_landlord_are_one_statement(client, agent):
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(PAGE)
    tables = ("django_session", "portal_user", "agencies_membership", "agencies_landlord")
    said = [one["sql"] for one in asked if any(f'"{t}"' in one["sql"] for t in tables)]
    assert said == [], "each asked once more"
    assert sum("FROM django_session" in one["sql"] for one in asked) == 1
    request = answer.wsgi_request
    assert (request.user, request.membership) == (agent.user, agent)
    assert request.membership.user is opened_of(request).user
    assert (request.membership.unit, request.user.get_full_name()) == (
        agent.unit,
        agent.user.get_full_name(),
    )


def test_it_is_the_row_that_a_query_finds(client, agent):
    """Every column, of the kinds that Python has for them."""
    request = client.get(PAGE).wsgi_request
    for shown, model in ((request.user, User), (request.membership, Membership)):
        found = model._base_manager.get(pk=shown.pk)
        for field in model._meta.concrete_fields:
            assert getattr(shown, field.attname) == getattr(found, field.attname), field
        assert shown._state.db == "default"


def test_a_row_that_names_somebody_else_signs_nobody_in(client, agent, landlord):
    other = member(landlord["north"], "head_office")
    UserSession.objects.filter(user=agent.user).update(user=other.user)
    request = client.get(PAGE).wsgi_request
    assert (request.user.pk, request.membership.pk) == (agent.user.pk, agent.pk)


@pytest.mark.parametrize("change", [{"is_active": False}, {"sessions_nonce": "another"}])
def test_a_session_that_is_no_longer_good_ends(client, agent, change):
    User.objects.filter(pk=agent.user.pk).update(**change)
    assert client.get(PAGE).status_code == 302


def test_without_a_row_of_its_own_a_session_still_works(client, agent):
    UserSession.objects.all().delete()
    assert client.get(PAGE).status_code == 200


def test_a_role_that_is_over_or_waits_is_none(client, agent):
    today = timezone.localdate()
    Membership.objects.filter(pk=agent.pk).update(ends=today - timedelta(days=1))
    assert not client.get(PAGE).wsgi_request.membership
    Membership.objects.filter(pk=agent.pk).update(ends=today)
    assert client.get(PAGE).wsgi_request.membership.pk == agent.pk
    Membership.everything.filter(pk=agent.pk).update(pending=True)
    assert not client.get(PAGE).wsgi_request.membership
