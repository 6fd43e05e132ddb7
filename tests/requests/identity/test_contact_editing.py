"""People change how they are reached: each change an event, contested ones wait for a person."""

from datetime import timedelta

import pytest
from django.urls import reverse

from portal.clock import now
from requests import tasks
from requests.channels.outbound.receipt import Receipt
from requests.jobs import queue
from requests.notifications.models import Delivery
from tenants.actions import contact_points, person_changes, senders
from tenants.actions.mandates import provable_phone
from tenants.models import AccountLink, ContactPoint, Need, PersonChange, PointCode
from tests import factories, moments
from tests.factories import contact, member, tenant

NEW, OLD, MAIL = "+33639980055", "+33639980001", "awa@example.test"


@pytest.fixture
def awa(landlord):
    person = tenant(landlord["dwelling"], email="awa.account@example.test")
    contact(person, OLD)
    contact(person, MAIL, preferred=True)
    return person


@pytest.fixture
def sent(monkeypatch, settings):
    """The texts of what leaves, by recipient."""
    monkeypatch.setattr("requests.notifications.outgoing.can_send_sms", lambda: True)
    rows: dict[str, list[str]] = {}

    def send(message):
        rows.setdefault(message.to, []).append(message.text)
        return Receipt(True, "id", "taken")

    monkeypatch.setattr("requests.channels.outbound.sms.send", send)
    monkeypatch.setattr("requests.channels.outbound.email.send", send)
    return rows


@pytest.fixture
def page(client, awa):
    client.force_login(awa.user)

    def post(what: str, **data):
        return client.post(reverse("my:edit_contacts", args=[what]), data)

    return post


def point(value: str) -> ContactPoint:
    return ContactPoint.unscoped.get(value=value)


def whats() -> list[str]:
    return list(PersonChange.unscoped.order_by("pk").values_list("what", flat=True))


def do(client, value: str, way: str, **data):
    return client.post(reverse("my:answer_point", args=[point(value).pk, way]), data)


def test_a_new_number_is_proved_by_six_figures_and_the_others_are_told(page, client, awa, sent):
    assert page("point", value="06 39 98 00 55").status_code == 302
    queue.drain(tasks.HANDLERS, now)
    code = contact_points.digits(PointCode.unscoped.get())
    assert code in sent[NEW][0]
    assert "55" in sent[MAIL][0]
    assert NEW not in sent[MAIL][0]
    assert senders.find(NEW, now()).grade == "probably"
    answer = do(client, NEW, "check", code="000000" if code != "000000" else "111111")
    assert answer.status_code == 422
    assert do(client, NEW, "check", code=f"{code[:3]} {code[3:]}").status_code == 302
    assert (point(NEW).verified, point(NEW).proof, point(NEW).origin) == (True, "code", "own")
    assert senders.find(NEW, now()).author == str(awa.pk)
    assert provable_phone(awa, "", now()) == NEW
    assert whats() == ["point_added", "point_proved"]


def test_five_wrong_codes_end_it_and_five_codes_a_day_are_enough(page, client, awa, sent):
    page("point", value=NEW)
    for _try in range(5):
        do(client, NEW, "check", code="x")
    right = contact_points.digits(PointCode.unscoped.get())
    answer = do(client, NEW, "check", code=right)
    assert "trop ancien" in answer.content.decode()
    assert not point(NEW).verified
    for _more in range(6):
        do(client, NEW, "code")
    assert PointCode.unscoped.get().times == 5
    assert Delivery.unscoped.filter(kind="point_code").count() == 5


@pytest.mark.parametrize("typed", ["06 12", "bonjour", "a@b", "06 39 98 00 01"])
def test_what_is_no_number_or_known_is_said_and_kept(page, awa, typed):
    answer = page("point", value=typed)
    assert answer.status_code == 422
    assert typed in answer.content.decode()
    assert awa.contact_points.count() == 2


def test_a_number_given_up_recognises_nobody_and_no_file_brings_it_back(page, client, awa, sent):
    do(client, OLD, "no")
    assert (point(OLD).failing, point(OLD).preferred) == (True, False)
    assert senders.find(OLD, now()).grade == "unknown"
    assert page("point", value=OLD).status_code == 302
    assert not point(OLD).failing
    assert point(OLD).origin == "own"


def test_one_point_is_preferred(page, client, awa):
    do(client, OLD, "prefer")
    assert (point(OLD).preferred, point(MAIL).preferred) == (True, False)


def test_letters_go_to_the_last_address_given(page, awa):
    page("address", value="chez Léa\n3 rue du Port\n99000 Valmer")
    page("address", value="BP 12\n99000 Valmer")
    alive = awa.contact_points.filter(kind="postal", failing=False)
    assert [row.value for row in alive] == ["BP 12\n99000 Valmer"]


def test_language_and_needs_are_events_without_a_reason(page, client, awa):
    page("language", language="en")
    awa.refresh_from_db()
    assert awa.language == "en"
    today = now().date()
    assert page("need", code="infant", until=today + timedelta(days=400)).status_code == 422
    page("need", code="infant", until=today + timedelta(days=40))
    assert Need.unscoped.get().expires == today + timedelta(days=40)
    client.post(reverse("my:answer_need", args=[Need.unscoped.get().pk, "no"]))
    assert whats() == ["language", "need_added", "need_ended"]
    assert PersonChange.unscoped.get(what="need_ended").facts == {}


def test_texts_come_at_the_hours_of_the_person(page, client, awa, landlord, sent):
    do(client, OLD, "prefer")
    assert page("hours", since="11", until="12").status_code == 422
    assert page("hours", since="14", until="").status_code == 302
    awa.refresh_from_db()
    claim = factories.leak(landlord, now(), channel="sms", contact_phone=OLD, tenant=str(awa.pk))
    queue.drain(tasks.HANDLERS, now)
    delivery = claim.deliveries.get(channel="sms")
    assert (delivery.state, delivery.due_at.hour) == ("queued", 13)  # 14 h in Paris
    assert OLD not in sent


def test_a_number_that_another_home_proved_waits_for_a_person(page, client, awa, landlord, sent):
    other = tenant(factories.dwelling(landlord["dwelling"].staircase, "13"))
    contact(other, NEW, verified=True)
    page("point", value=NEW)
    mine = awa.contact_points.get(value=NEW)
    client.post(
        reverse("my:answer_point", args=[mine.pk, "check"]),
        {"code": contact_points.digits(mine.code)},
    )
    mine.refresh_from_db()
    assert (mine.verified, mine.proposed) == (False, True)
    again = reverse("my:answer_point", args=[mine.pk, "code"])
    client.post(again)
    check = reverse("my:answer_point", args=[mine.pk, "check"])
    client.post(check, {"code": contact_points.digits(PointCode.unscoped.get(point=mine))})
    sonia = member(landlord["north"], "agent")
    (change,) = person_changes.waiting(sonia)
    assert not person_changes.waiting(member(landlord["south"], "agent")).exists()
    client.force_login(sonia.user)
    assert "Changements" in client.get(reverse("identity:changes")).content.decode()
    client.post(reverse("identity:decide_change", args=[change.pk, "accept"]))
    mine.refresh_from_db()
    assert mine.verified
    # Two homes prove it: it recognises neither.
    assert senders.find(NEW, now()).grade == "shared"


def test_somebody_of_the_home_is_written_once_the_office_agrees(page, client, awa, landlord):
    since = now().date() - timedelta(days=30)
    page("occupant", first_name="Ben", last_name="Traoré", since=since)
    assert awa.occupancies.get().lease.occupancies.count() == 1
    sonia = member(landlord["north"], "agent")
    client.force_login(sonia.user)
    (change,) = person_changes.waiting(sonia)
    url = reverse("identity:decide_change", args=[change.pk, "accept"])
    client.post(url)
    client.post(url)
    ben = awa.occupancies.get().lease.occupancies.get(capacity="occupant")
    assert (ben.tenant.first_name, ben.starts) == ("Ben", since)


def test_staff_add_and_prove_with_the_person_on_the_phone(client, awa, landlord):
    sonia = member(landlord["north"], "agent")
    client.force_login(sonia.user)
    added = client.post(
        reverse("identity:edit_contacts", args=[awa.pk, "point"]), {"value": "02 40 00 00 10"}
    )
    assert added.status_code == 302
    made = point("+33240000010")
    assert made.origin == "told"
    client.post(reverse("identity:point", args=[made.pk, "code"]))
    shown = client.get(reverse("identity:contacts", args=[awa.pk])).content.decode()
    code = contact_points.digits(PointCode.unscoped.get())
    assert code in shown
    client.post(reverse("identity:point", args=[made.pk, "check"]), {"code": code})
    assert point("+33240000010").verified
    far = member(landlord["south"], "agent")
    client.force_login(far.user)
    assert client.get(reverse("identity:contacts", args=[awa.pk])).status_code == 404


def test_a_newly_linked_account_changes_nothing_yet(page, client, awa):
    AccountLink.unscoped.create(
        tenant=awa,
        user=awa.user,
        lease=awa.occupancies.get().lease,
        asked_at=now(),
        linked_at=now(),
        opens_at=now() + timedelta(hours=48),
    )
    assert page("point", value=NEW).status_code == 404
    assert do(client, OLD, "no").status_code == 404
    with moments.at(moments.MOMENT + timedelta(hours=49)):
        assert page("point", value=NEW).status_code == 302
