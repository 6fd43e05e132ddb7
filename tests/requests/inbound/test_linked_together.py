# ruff: noqa: F811
"""One click links what waits of one sender together, and one undo takes all back."""

import pytest
from django.urls import reverse

from portal.actor import Actor
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.filing.actions import Filing, file_claim
from requests.identity import senders
from tenants.models import ContactPoint
from tests.requests.inbound.test_known_people import (  # noqa: F401
    AWA,
    MOVED,
    SHARED,
    confirm,
    house,
    person,
    send,
    sonia,
)

pytestmark = pytest.mark.django_db


def test_one_click_links_what_else_waits_of_the_same_sender_and_one_undo_takes_all_back(
    send, sonia, client, clock, house
):
    first = send("sms", AWA)
    second = send("social", AWA, "Et la lampe du hall")
    other = send("sms", MOVED, "Ma fenêtre")
    typed = file_claim(
        Filing(
            channel="web",
            key="typed",
            category="ADM-14",
            words="x",
            contact_phone=AWA,
            place_note="x",
        ),
        actor=Actor.TENANT,
        now=clock(),
    )
    assert senders.guess(first, sonia, clock()).together == [second]
    client.force_login(sonia.user)
    page = client.get(reverse("agency:claim", args=[first.pk])).content.decode()
    assert second.spoken_reference in page
    # The page was open while the other came; a forged number links nothing.
    confirm(client, sonia, first, "T1", together=[second.pk, other.pk, typed.pk])
    rows = {row.pk: row.tenant for row in Claim.objects.system("test")}
    assert rows == {
        first.pk: person("T1"),
        second.pk: person("T1"),
        other.pk: None,
        typed.pk: None,
    }
    events = ClaimEvent.unscoped.filter(name="identify")
    assert {event.claim_id for event in events} == {first.pk, second.pk}
    numbers = ",".join(str(event.pk) for event in events.order_by("pk"))
    client.post(reverse("agency:undo"), {"events": numbers})
    assert not Claim.objects.system("test").filter(tenant__isnull=False).exists()
    assert ContactPoint.unscoped.get(value=AWA).proof == ""


def test_without_a_tick_nothing_else_is_linked_nor_for_a_number_of_two_homes(
    send, sonia, client, clock
):
    first, second = send("sms", AWA), send("social", AWA, "Et la lampe du hall")
    assert first.pk != second.pk
    confirm(client, sonia, first, "T1")
    second.refresh_from_db()
    assert second.tenant is None
    one, two = send("sms", SHARED), send("social", SHARED, "Chez Ali")
    assert one.pk != two.pk
    assert senders.guess(one, sonia, clock()).together == []
