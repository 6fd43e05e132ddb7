"""A leak from report to the tenant's own word, every party through its own page."""

import pytest
from django.urls import reverse

from portal.access import Role
from portal.clock import now
from requests import tasks
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.jobs import queue
from requests.work_orders import appointments
from requests.work_orders.appointment_models import Offer
from requests.work_orders.models import OrderLink, WorkOrder
from tests import factories
from tests.requests.fixtures.work import book

pytestmark = pytest.mark.django_db


def test_from_the_leak_to_the_tenants_word(client, claim, contract, slots, landlord, agent):
    def state():
        return Claim.objects.system("test").get(pk=claim.pk).state

    def order(number=1):
        return WorkOrder.objects.system("test").get(claim=claim, number=number)

    def job(name, number=1, **data):
        queue.drain(tasks.HANDLERS, now)  # the mail with the link
        link = OrderLink.unscoped.filter(order=order(number)).latest("pk")
        data = {"version": order(number).version, **data}
        if name in {"confirm", "depart"}:
            return client.post(reverse("job_step", args=[link.token, name]), data)
        return client.post(reverse("job_act", args=[link.token, name]), data)

    # The agency orders under the contract as proposed.
    client.force_login(agent.user)
    new = reverse("work_new", args=[claim.pk])
    initial = client.get(new).context["form"].initial
    client.post(new, {**initial, "purpose": "work", "access_notes": "Digicode 12B4"})
    client.logout()
    assert order().state == "sent"

    # The tenant answers an SMS with a digit.
    offer = Offer.unscoped.get(closed_at__isnull=True)
    appointments.pick(offer=offer, number=1, now=now(), channel="sms")
    assert state() == "planned"

    # The contractor confirms, finds nobody; new dates are offered by themselves.
    assert job("confirm").status_code == 302
    assert job("depart").status_code == 302
    assert state() == "planned"
    assert job("no_access", reason="nobody").status_code == 302
    assert state() == "in_review"
    offer = Offer.unscoped.get(closed_at__isnull=True)
    client.post(reverse("visit", args=[offer.token]), {"number": "2"})
    assert job("confirm").status_code == 302
    assert job("done", text="Joint changé").status_code == 302
    assert state() == "done"

    # Not fixed: a follow-on order, which remembers the first.
    client.post(reverse("follow_act", args=[claim.token, "say_not_fixed"]))
    assert state() == "in_review"
    client.force_login(agent.user)
    again = {**initial, "purpose": "work", "description": "Reprendre la fuite"}
    client.post(f"{new}?follows={order().pk}", again)
    client.logout()
    assert (order(2).follows, order(2).state) == (order(), "sent")
    assert order().state == "done"
    book(order(2), agent, days=8)
    assert job("confirm", 2).status_code == 302
    assert job("done", 2, text="Siphon remplacé").status_code == 302
    assert state() == "done"

    # The caretaker checks on the spot; only the tenant closes.
    karim = factories.member(landlord["north"], Role.CARETAKER)
    client.force_login(karim.user)
    check = reverse("work_act", args=[order(2).pk, "verify"])
    assert client.post(check, {"version": order(2).version}).status_code == 302
    assert order(2).state == "verified"
    assert state() == "done"
    client.logout()
    client.post(reverse("follow_act", args=[claim.token, "say_fixed"]))
    assert state() == "closed"
    client.post(reverse("feedback", args=[claim.token]), {"score": "4"})
    names = list(claim.events.values_list("name", flat=True))
    assert names.count(Event.REPORT_DONE) == 2
    assert names[-2:] == [Event.SAY_FIXED, Event.FEEDBACK]
