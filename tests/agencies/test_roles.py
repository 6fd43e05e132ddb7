"""Nobody gives the claims of the landlord to a friend alone."""

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from agencies import roles
from agencies.models import Membership
from portal.clock import now
from portal.models import User
from tests.factories import administrator, leak, member

ADD = "admin:agencies_membership_add"
FRIEND = "friend@example.test"


@pytest.fixture
def friend(db) -> User:
    return User.objects.create_user(FRIEND, first_name="Ami")


@pytest.fixture
def boss(landlord) -> Client:
    made = Client(headers={"Accept-Language": "en"})
    made.force_login(administrator(landlord["head"]).user)
    return made


@pytest.fixture
def head(landlord) -> Client:
    made = Client(headers={"Accept-Language": "en"})
    made.force_login(member(landlord["head"], "head_office").user)
    return made


def give(client: Client, friend: User, unit, role: str = "head_office"):
    data = {"user": str(friend.pk), "unit": unit.pk, "role": role, "starts": "2020-01-01"}
    return client.post(reverse(ADD), data, follow=True)


def opens_inbox(user: User) -> bool:
    client = Client()
    client.force_login(user)
    return client.get("/agency/").status_code == 200


@pytest.mark.parametrize("role", ["head_office", "agent", "call_taker", "caretaker", "admin"])
@pytest.mark.weakness("role by one person")
def test_a_role_given_by_one_person_opens_nothing(role, boss, head, friend, landlord):
    leak(landlord, now())
    said = give(boss, friend, landlord["head"], role)
    assert "waits until somebody else confirms" in said.content.decode()
    assert not Membership.objects.filter(user=friend).exists()
    assert not opens_inbox(friend)
    assert FRIEND not in {to for m in mail.outbox for to in m.to}


def test_the_heads_are_told_and_the_second_person_confirms(
    boss, head, friend, landlord, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        give(boss, friend, landlord["head"])
    told = {to for m in mail.outbox for to in m.to}
    assert told == {"head_office.siege@example.test", "admin.siege@example.test"}
    waiting = Membership.everything.get(user=friend)
    confirm = reverse("teams:confirm", args=[waiting.pk])
    assert "Somebody else must confirm" in boss.post(confirm, follow=True).content.decode()
    assert not opens_inbox(friend)
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        head.post(confirm)
    assert opens_inbox(friend)
    assert FRIEND in {to for m in mail.outbox for to in m.to}
    given = Membership.objects.get(user=friend)
    assert given.asked_by.email == "admin.siege@example.test"
    assert given.confirmed_by.email == "head_office.siege@example.test"
    assert LogEntry.objects.filter(user=given.confirmed_by, object_id=str(given.pk)).exists()
    assert "Confirmed by" in head.get(reverse("teams:pending")).content.decode()


def test_a_second_account_of_the_same_person_confirms_nothing(boss, head, friend, landlord):
    """A new administrator is a role too: it cannot be made to confirm the next one."""
    twin = User.objects.create_user("twin@example.test")
    give(boss, twin, landlord["head"], "admin")
    give(boss, friend, landlord["head"])
    other = Client()
    other.force_login(twin)
    waiting = Membership.everything.get(user=friend)
    assert other.post(reverse("teams:confirm", args=[waiting.pk])).status_code == 403
    own = Membership.everything.get(user=twin)
    assert other.post(reverse("teams:confirm", args=[own.pk])).status_code == 403
    assert not Membership.objects.filter(user__in=[friend, twin]).exists()


@pytest.mark.parametrize("role", ["agent", "agency_manager", "dpo", "contractor"])
def test_other_roles_confirm_nothing(role, boss, head, friend, landlord):
    give(boss, friend, landlord["head"])
    waiting = Membership.everything.get(user=friend)
    client = Client()
    client.force_login(member(landlord["north"], role).user)
    assert client.post(reverse("teams:confirm", args=[waiting.pk])).status_code == 403


def test_ending_the_others_first_does_not_help(boss, head, friend, landlord):
    Membership.objects.filter(role="head_office").update(ends="2020-06-01")
    give(boss, friend, landlord["head"])
    assert not Membership.objects.filter(user=friend).exists()


def test_what_ended_is_not_opened_again_by_one_person(boss, head, friend, landlord):
    old = member(landlord["north"], "agent")
    Membership.objects.filter(pk=old.pk).update(ends="2021-01-01")
    page = reverse("admin:agencies_membership_change", args=[old.pk])
    boss.post(page, {"starts": "2020-01-01", "ends": ""})
    assert Membership.everything.get(pk=old.pk).pending
    assert not opens_inbox(old.user)


def test_a_role_becomes_no_other_role(boss, head, landlord):
    caretaker = member(landlord["north"], "caretaker")
    page = reverse("admin:agencies_membership_change", args=[caretaker.pk])
    data = {"role": "head_office", "unit": landlord["head"].pk, "starts": "2020-01-01"}
    boss.post(page, data)
    caretaker.refresh_from_db()
    assert (caretaker.role, caretaker.unit) == ("caretaker", landlord["north"])


def test_the_same_role_is_not_asked_twice(boss, head, friend, landlord):
    give(boss, friend, landlord["head"])
    assert "already waits" in give(boss, friend, landlord["head"]).content.decode()


def test_a_refused_role_is_gone_and_noted(boss, head, friend, landlord):
    give(boss, friend, landlord["head"])
    waiting = Membership.everything.get(user=friend)
    head.post(reverse("teams:refuse", args=[waiting.pk]))
    assert not Membership.everything.filter(user=friend).exists()
    assert LogEntry.objects.filter(change_message__startswith="Refused").exists()


def test_the_first_people_of_a_landlord_need_no_second_person(friend, landlord, client):
    client.force_login(User.objects.create_superuser("root@example.test"))
    give(client, friend, landlord["head"], "admin")
    assert Membership.objects.filter(user=friend, role="admin").exists()


def test_whoever_runs_the_server_confirms_where_nobody_is_left(boss, head, friend, landlord):
    give(boss, friend, landlord["head"])
    waiting = Membership.everything.get(user=friend)
    call_command("confirm_role", str(waiting.pk))
    assert opens_inbox(friend)


def test_access_ends_at_once(boss, landlord):
    agent = member(landlord["north"], "agent")
    assert opens_inbox(agent.user)
    data = {"action": "end_now", "_selected_action": [agent.pk]}
    boss.post(reverse("admin:agencies_membership_changelist"), data)
    assert not opens_inbox(agent.user)


@pytest.mark.django_db
def test_the_database_itself_wants_two_persons(landlord):
    made = member(landlord["north"], "agent")
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=made.pk).update(asked_by=made.user, confirmed_by=made.user)
    assert roles.takes_two("agent")
