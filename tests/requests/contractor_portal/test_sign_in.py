"""A contractor's people sign in: their own orders only, by the same pages as the link."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from agencies.models import Contractor, Membership
from portal.actor import Actor
from portal.clock import now
from portal.models import User
from requests import tasks
from requests.jobs import queue
from requests.work_orders import appointments
from requests.work_orders.actions import advance_order
from requests.work_orders.models import AccessView
from tests import factories
from tests.requests.contractor_portal.secrets import SECRETS, text
from tests.requests.fixtures.work import book, later


@pytest.fixture
def boss(contract):
    return factories.contractors_person(contract.contractor, "yann@legoff.test", leads=True)


@pytest.fixture
def rival(landlord):
    return factories.contractors_person(factories.contractor("Rival"), "zoe@rival.test")


def listed(client, **query) -> list:
    return list(client.get(reverse("jobs:list"), query).context["page_obj"])


def test_signing_in_leads_to_the_list_and_nowhere_else(client, boss, order, claim):
    client.force_login(boss.user)
    assert client.get(reverse("enter")).url == reverse("jobs:list")
    assert client.get(reverse("agency:inbox")).status_code == 403
    assert client.get(reverse("agency:claim", args=[claim.pk])).status_code == 403
    assert client.get(reverse("work_order", args=[order.pk])).status_code == 403
    shown = text(client.get(reverse("jobs:list")))
    assert str(order) in shown
    assert not [s for s in ("Traoré", "0612345678", "12B4") if s in shown]


def test_only_the_orders_sent_to_ones_own_contractor(client, boss, rival, order, make_order, claim):
    draft = make_order(claim, send=False)
    client.force_login(boss.user)
    assert listed(client) == [order]
    assert client.get(reverse("jobs:order", args=[draft.pk])).status_code == 404
    client.force_login(rival.user)
    assert listed(client) == []
    for name, more in (("order", []), ("act", ["done"]), ("details", []), ("step", ["confirm"])):
        url = reverse(f"jobs:{name}", args=[order.pk, *more])
        answers = [client.post(url)] if name in {"details", "step"} else [client.get(url)]
        for answer in answers:
            assert answer.status_code == 404
            assert not [s for s in SECRETS if s in text(answer)]


def test_the_five_views(client, boss, order, make_claim, make_order):
    client.force_login(boss.user)
    planned, begun, done = (make_order(make_claim(k)) for k in ("p", "b", "d"))
    for row, day in ((planned, 3), (begun, 2), (done, 4)):
        book(row, days=day)
        appointments.confirm(order=row, actor=Actor.CONTRACTOR, now=now())
    advance_order(
        order=done, transition="report_done", actor=Actor.CONTRACTOR, now=now(), text="Fait"
    )
    advance_order(order=begun, transition="depart", actor=Actor.CONTRACTOR, now=now())
    assert listed(client) == [order]
    assert listed(client, view="planned") == [planned]
    assert listed(client, view="report") == [begun]
    assert listed(client, view="done") == [done]
    with time_machine.travel(later(days=3, hours=1), tick=False):
        client.force_login(boss.user)
        assert listed(client, view="report", sort="visit") == [begun, planned]
    with time_machine.travel(now() + timedelta(days=31), tick=False):
        client.force_login(boss.user)
        assert listed(client, view="done") == []
        assert client.get(reverse("jobs:order", args=[done.pk])).status_code == 404


def test_search_place_and_sort(client, boss, order, make_claim, make_order):
    other = make_order(make_claim("o"), respond_by=later(days=1), description="Joint de porte")
    client.force_login(boss.user)
    assert listed(client) == [other, order]
    assert listed(client, q=order.claim.spoken_reference) == [order]
    assert listed(client, q=str(other)) == [other]
    assert listed(client, q="porte joint") == [other]
    assert listed(client, q="rue du lin") == [other, order]
    assert listed(client, q="nulle part") == []
    assert listed(client, place="Les Tilleuls", sort="new") == [other, order]


def test_the_same_pages_and_every_look_at_the_code_is_named(client, boss, order):
    book(order, days=1)
    client.force_login(boss.user)
    page = reverse("jobs:order", args=[order.pk])
    details = reverse("jobs:details", args=[order.pk])
    assert "12B4" not in text(client.post(details))
    order.refresh_from_db()
    confirm = reverse("jobs:step", args=[order.pk, "confirm"])
    assert client.get(confirm).status_code == 405
    assert client.post(confirm, {"version": order.version}).url == page
    assert "12B4" not in text(client.get(page))
    assert "12B4" in text(client.post(details))
    assert AccessView.unscoped.get().actor == boss.user
    order.refresh_from_db()
    done = reverse("jobs:act", args=[order.pk, "done"])
    answer = client.post(done, {"version": order.version, "text": "Joint changé"})
    assert answer.url == page
    assert order.events.get(name="report_done").actor == boss.user
    assert "12B4" not in text(client.post(details))
    assert AccessView.unscoped.count() == 1


def test_the_calendar_and_its_secret_address(client, boss, rival, order):
    visit = book(order, days=2)
    client.force_login(boss.user)
    shown = client.get(reverse("jobs:calendar"))
    assert [v for _day, rows in shown.context["days"] for v in rows] == [visit]
    feed = reverse("contractor_feed", args=[boss.contractor.calendar_token])
    assert feed in text(shown)
    assert client.get(feed).status_code == 200
    assert client.post(reverse("jobs:new_feed")).status_code == 302
    assert client.get(feed).status_code == 404
    token = Contractor.objects.get(pk=boss.contractor_id).calendar_token
    assert client.get(reverse("contractor_feed", args=[token])).status_code == 200
    client.force_login(rival.user)
    assert client.get(reverse("jobs:calendar")).context["days"] == []
    assert client.post(reverse("jobs:new_feed")).status_code == 404


def invite(client, email):
    names = {"first_name": "Erwan", "last_name": "Le Goff", "email": email}
    return client.post(reverse("jobs:invite"), names)


def test_the_one_who_leads_invites_and_ends_access(client, boss, order, mailoutbox):
    client.force_login(boss.user)
    assert invite(client, "erwan@legoff.test").status_code == 302
    person = Membership.objects.get(user__email="erwan@legoff.test")
    assert (person.contractor, person.leads_team) == (boss.contractor, False)
    queue.drain(tasks.HANDLERS, now)
    mail = next(m for m in mailoutbox if m.to == ["erwan@legoff.test"])
    assert reverse("account_request_login_code") in mail.body
    client.force_login(person.user)
    assert listed(client) == [order]
    assert invite(client, "ami@legoff.test").status_code == 404
    assert client.post(reverse("jobs:leave", args=[boss.pk])).status_code == 404
    client.force_login(boss.user)
    assert client.post(reverse("jobs:leave", args=[boss.pk])).status_code == 404
    assert client.post(reverse("jobs:leave", args=[person.pk])).status_code == 302
    client.force_login(person.user)
    assert client.get(reverse("jobs:list")).status_code == 403


def test_the_invited_sign_in_by_a_code(client, boss, order, mailoutbox):
    client.force_login(boss.user)
    invite(client, "erwan@legoff.test")
    client.logout()
    client.post(reverse("account_request_login_code"), {"email": "erwan@legoff.test"})
    queue.drain(tasks.HANDLERS, now)
    words = " ".join(m.body for m in mailoutbox if m.to == ["erwan@legoff.test"])
    assert words
    assert User.objects.get(email="erwan@legoff.test").is_active


def test_an_invitation_changes_no_account_there_was(client, boss, landlord, mailoutbox):
    agent = factories.member(landlord["north"], "agent")
    tenant = factories.tenant(landlord["dwelling"], email="awa@example.test")
    client.force_login(boss.user)
    fresh = invite(client, "nouveau@legoff.test")
    for known in (agent.user, tenant.user):
        answer = invite(client, known.email)
        assert (answer.status_code, answer.url) == (fresh.status_code, fresh.url)
        assert not known.memberships.filter(role="contractor").exists()
    queue.drain(tasks.HANDLERS, now)
    assert {m.to[0] for m in mailoutbox} >= {agent.user.email, "awa@example.test"}


def test_a_bad_invitation_keeps_what_was_typed(client, boss):
    client.force_login(boss.user)
    answer = invite(client, "pas une adresse")
    assert answer.status_code == 422
    assert "pas une adresse" in text(answer)


def test_the_database_ties_the_role_to_a_contractor(boss, landlord):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=boss.pk).update(contractor=None)
    agent = factories.member(landlord["north"], "agent")
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=agent.pk).update(contractor=boss.contractor)
