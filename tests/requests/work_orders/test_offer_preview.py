"""Dates are read before they are offered, taken back within half a minute, and keep the limit."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.models import Membership
from portal.actor import Actor
from portal.clock import now
from requests import tasks
from requests.channels.marks import claim_mark
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.transitions import HOLD, TooLate, undo
from requests.contractor_portal.forms import ProposeForm
from requests.jobs import queue
from requests.notifications.models import Delivery
from requests.work_orders import appointments
from requests.work_orders.appointment_models import Offer
from tests import factories


@pytest.fixture
def sonia(agent):
    return Membership.objects.get(user=agent.user)


@pytest.fixture
def staff(client, sonia):
    client.force_login(sonia.user)
    return client


def page_of(order) -> str:
    return reverse("work_offer", args=[order.pk])


def offered(staff, order):
    seen = [slot.pk for slot in staff.get(page_of(order)).context["offer"].slots]
    assert staff.post(page_of(order), {"slot": seen}).status_code == 302
    return ClaimEvent.unscoped.filter(name="visit_offered").latest("pk")


def test_the_page_shows_the_very_text_and_sends_nothing(staff, order, claim, slots):
    shown = staff.get(page_of(order)).context["offer"]
    assert [slot.starts for slot in shown.slots] == [starts for starts, _ends in slots]
    assert claim.token not in shown.text, "the private link is the tenant's"
    assert claim_mark(claim.reference) not in shown.text
    assert not Offer.unscoped.exists()
    offered(staff, order)
    factories.pass_time(minutes=1)
    queue.drain(tasks.HANDLERS, now)
    delivery = Delivery.unscoped.filter(event__name="visit_offered").get()
    assert (delivery.channel, delivery.recipient) == (shown.channel, shown.address)
    before, _link, after = shown.text.partition("…")
    link = Offer.unscoped.get().token
    assert delivery.text in f"{before}{link}{after}"


def test_the_page_of_a_new_order_shows_what_goes_with_it(staff, make_claim, slots):
    page = staff.get(reverse("work_new", args=[make_claim("other").pk]))
    assert "Choisissez la date de la visite" in page.context["then"].text
    assert "Choisissez la date de la visite" in page.content.decode()


def test_other_dates_than_those_read_are_not_offered(staff, order, slots):
    answer = staff.post(page_of(order), {"slot": ["1", "2"]})
    assert answer.status_code == 409
    assert answer.context["offer"].slots
    assert not Offer.unscoped.exists()


def test_an_offer_is_undone_before_it_leaves_and_the_former_one_stands_again(
    staff, order, slots, sonia
):
    first = offered(staff, order)
    kept = Offer.unscoped.get()
    second = offered(staff, order)
    page = staff.get(reverse("work_order", args=[order.pk])).content.decode()
    assert f'value="{second.pk}"' in page
    staff.post(reverse("agency:undo"), {"events": str(second.pk)})
    assert [row.pk for row in Offer.unscoped.filter(closed_at=None)] == [kept.pk]
    assert Offer.unscoped.count() == 1
    staff.post(reverse("agency:undo"), {"events": str(first.pk)})
    assert not Offer.unscoped.exists()
    factories.pass_time(minutes=1)
    queue.drain(tasks.HANDLERS, now)
    assert not Delivery.unscoped.filter(event__name="visit_offered").exists()


@pytest.mark.parametrize("what", ["picked", "called", "late"])
def test_what_the_tenant_answered_is_not_undone(staff, order, slots, sonia, what):
    event, moment = offered(staff, order), now()
    offer = Offer.unscoped.get()
    if what == "picked":
        appointments.pick(offer=offer, number=1, now=now(), channel="web")
    elif what == "called":
        appointments.ask_for_call(offer=offer, now=now())
    else:
        moment += HOLD
    with pytest.raises(TooLate):
        undo(event=event, actor=Actor.member(sonia), now=moment)
    assert Offer.unscoped.filter(pk=offer.pk).exists()


def spans(order, days: int, **more) -> ProposeForm:
    day = timezone.localdate(order.respond_by) + timedelta(days=days)
    data = {"version": order.version, "day": day, "spans": ["8-10"], "reason": "Pièce", **more}
    return ProposeForm(data, now=now(), order=order)


def test_the_companys_own_dates_keep_the_limit_or_say_why(order, staff):
    order.respond_by = now() + timedelta(days=4)
    order.save()
    assert "beyond" not in spans(order, -1).fields
    late = spans(order, 3)
    assert not late.is_valid()
    assert "beyond" in late.fields
    meant = spans(order, 3, beyond="on")
    assert meant.is_valid(), meant.errors
    appointments.propose_dates(
        order=order, spans=meant.dates(), reason="Pièce", actor=Actor.CONTRACTOR, now=now()
    )
    note = Message.unscoped.get(direction="note")
    assert "Pièce" in note.text
    page = staff.get(reverse("work_order", args=[order.pk]))
    assert page.context["late_offer"] == "Pièce"


def test_in_an_emergency_no_date_after_the_limit(order):
    order.respond_by, order.emergency = now() + timedelta(days=1), True
    order.save()
    assert not spans(order, 3, beyond="on").is_valid()


def test_once_the_limit_is_over_any_date_may_be_offered(order):
    order.respond_by = now() - timedelta(hours=1)
    order.save()
    assert spans(order, 3).is_valid()
