"""Contact points and needs grow old: asked, confirmed or left out of what is confidential."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from portal.clock import now
from requests import tasks
from requests.identity import contact_checks
from requests.jobs import queue
from requests.notifications.contact_routes import contact_routes
from requests.notifications.models import Delivery
from requests.privacy import notices, retention
from requests.privacy.models import RightsRequest
from tenants.actions import contact_check
from tenants.actions.mandates import provable_phone
from tenants.matching import Grade, StatedIdentity
from tenants.models import ContactPoint, Need
from tenants.recognition import identify
from tests import moments
from tests.factories import contact, leak, member, tenant

MAIL, PHONE, LANDLINE = "awa@example.test", "+33639981234", "+33240998877"
YEARS = timedelta(days=365 * 2 + 5)
LATER = timedelta(days=31)


@pytest.fixture
def awa(landlord, settings):
    person = tenant(landlord["dwelling"], email="awa.account@example.test", last_name="Traoré")
    contact(person, MAIL, verified=True, preferred=True)
    contact(person, PHONE, verified=True)
    contact(person, LANDLINE)
    return person


@pytest.fixture
def texting(monkeypatch):
    monkeypatch.setattr("requests.notifications.outgoing.can_send_sms", lambda: True)


def asked() -> dict[str, str]:
    rows = Delivery.unscoped.filter(kind=Delivery.Kind.CONTACT_CHECK)
    return {row.recipient: row.channel for row in rows}


def point(value: str) -> ContactPoint:
    return ContactPoint.unscoped.get(value=value)


def old(landlord) -> None:
    """Let two years pass, then ask."""
    ContactPoint.unscoped.update(confirmed_at=now() - YEARS)
    contact_checks.sweep(now())


def test_an_old_point_is_asked_by_itself_once(awa, texting):
    assert contact_checks.sweep(now()) == 0
    old(awa)
    assert asked() == {MAIL: "email", PHONE: "sms"}
    assert point(LANDLINE).asked_at, "staff see that it waits"
    assert contact_checks.sweep(now() + timedelta(days=3)) == 0
    assert len(asked()) == 2


def test_nobody_is_asked_who_moved_out_or_whose_address_fails(awa):
    ContactPoint.unscoped.update(confirmed_at=now() - YEARS)
    ContactPoint.unscoped.filter(value=MAIL).update(failing=True)
    assert {one.value for one in contact_check.stale_points(now())} == {PHONE, LANDLINE}
    awa.occupancies.update(ends=now().date() - timedelta(days=1))
    assert not contact_check.stale_points(now()).exists()


def test_the_question_names_nobody_and_its_link_asks_first(awa, client, mailoutbox):
    old(awa)
    queue.drain(tasks.HANDLERS, now)
    (mail,) = [mail for mail in mailoutbox if mail.to == [MAIL]]
    assert "Traor" not in mail.body + mail.subject
    link = re.search(r"/contact/([\w:-]+)/", mail.body)[1]
    page = client.get(reverse("contact_check", args=[link]))
    assert page.status_code == 200
    assert MAIL not in page.content.decode()
    assert point(MAIL).asked_at, "opening a link answers nothing"
    client.post(reverse("contact_check", args=[link]), {"way": "yes"})
    assert point(MAIL).asked_at is None
    assert now() - point(MAIL).confirmed_at < timedelta(minutes=1)


def test_a_wrong_old_or_outdated_link_opens_nothing(awa, client):
    old(awa)
    link = contact_checks.token(point(MAIL))
    for bad in (link[:-1] + ("A" if link[-1] != "A" else "B"), "nothing", link.partition(":")[0]):
        assert client.get(reverse("contact_check", args=[bad])).status_code == 404
    with moments.at(now() + contact_checks.LINK_LIFE + timedelta(days=1)):
        assert client.get(reverse("contact_check", args=[link])).status_code == 404
    ContactPoint.unscoped.filter(value=MAIL).update(value="other@example.test")
    assert client.get(reverse("contact_check", args=[link])).status_code == 404


def test_who_has_the_number_now_says_no_and_gets_nothing_more(awa, client, landlord):
    old(awa)
    link = contact_checks.token(point(PHONE))
    client.post(reverse("contact_check", args=[link]), {"way": "no"})
    assert point(PHONE).failing
    assert not point(PHONE).verified
    assert provable_phone(awa, "", now()) == ""


def test_what_is_confidential_skips_a_point_without_an_answer(awa, landlord):
    claim = leak(landlord, now(), tenant=awa.pk)

    def reached() -> set[str]:
        claim.refresh_from_db()
        claim.tenant.refresh_from_db()
        return {way.address for way in contact_routes(claim)}

    assert {MAIL, PHONE} <= reached()
    assert provable_phone(awa, "", now()) == PHONE
    old(awa)
    type(claim).objects.system("test").filter(pk=claim.pk).update(confidential=True)
    assert {MAIL, PHONE} <= reached(), "asked, and there is time to answer"
    with moments.at(now() + LATER):
        assert not {MAIL, PHONE} & reached()
        assert provable_phone(awa, "", now()) == ""
        asked_for = RightsRequest(tenant=awa)
        assert notices.address_of(asked_for, now()) == awa.user.email
        contact_check.confirm(point(MAIL), now())
        assert reached() & {MAIL, PHONE} == {MAIL}
        assert notices.address_of(asked_for, now()) == MAIL
        type(claim).objects.system("test").filter(pk=claim.pk).update(confidential=False)
        assert {MAIL, PHONE} <= reached(), "a leak may be told there: somebody will answer"


def test_a_number_that_grew_old_proves_nobody(awa, landlord):
    given = StatedIdentity(name="", contacts=frozenset({PHONE}), homes=frozenset())
    assert identify(given).grade == Grade.KNOWN
    old(awa)
    with moments.at(now() + LATER):
        assert identify(given).grade == Grade.MAYBE


def test_a_tenant_answers_on_their_page(awa, client, landlord):
    Need.unscoped.create(tenant=awa, code="stairs", expires=now().date() + timedelta(days=20))
    old(awa)
    client.force_login(awa.user)
    page = client.get(reverse("my:contacts")).content.decode()
    assert MAIL in page
    assert "à confirmer" in page
    client.post(reverse("my:answer_point", args=[point(MAIL).pk, "yes"]))
    client.post(reverse("my:answer_point", args=[point(PHONE).pk, "no"]))
    assert point(MAIL).asked_at is None
    assert point(PHONE).failing
    need = Need.unscoped.get()
    client.post(reverse("my:answer_need", args=[need.pk, "yes"]))
    need.refresh_from_db()
    assert need.expires == now().date() + timedelta(days=365)
    client.post(reverse("my:answer_need", args=[need.pk, "no"]))
    assert not Need.unscoped.exists()


def test_nobody_answers_for_another(awa, client, landlord):
    other = tenant(landlord["dwelling"], email="binta@example.test")
    need = Need.unscoped.create(tenant=awa, code="stairs", expires=now().date())
    client.force_login(other.user)
    assert client.post(reverse("my:answer_point", args=[point(MAIL).pk, "no"])).status_code == 404
    assert client.post(reverse("my:answer_need", args=[need.pk, "no"])).status_code == 404
    client.force_login(member(landlord["south"], "agent").user)
    address = reverse("identity:point", args=[point(MAIL).pk, "yes"])
    assert client.post(address).status_code == 404
    assert client.post(reverse("identity:keep_need", args=[need.pk])).status_code == 404


def test_a_colleague_confirms_what_the_person_says(awa, client, landlord):
    need = Need.unscoped.create(
        tenant=awa, code="stairs", expires=now().date() + timedelta(days=9), asked_at=now()
    )
    old(awa)
    client.force_login(member(landlord["north"], "agent").user)
    address = reverse("identity:point", args=[point(LANDLINE).pk, "yes"])
    record = reverse("agency:tenant", args=[awa.pk])
    assert address in client.get(record).content.decode()
    client.post(address)
    client.post(reverse("identity:keep_need", args=[need.pk]))
    assert point(LANDLINE).asked_at is None
    assert address not in client.get(record).content.decode()
    need.refresh_from_db()
    assert need.expires > now().date() + timedelta(days=300)


def test_a_need_that_ends_is_asked_about_without_naming_it(awa, mailoutbox):
    Need.unscoped.create(tenant=awa, code="stairs", expires=now().date() + timedelta(days=20))
    Need.unscoped.create(tenant=awa, code="sight", expires=now().date() + timedelta(days=90))
    assert contact_checks.sweep(now()) == 1
    assert contact_checks.sweep(now()) == 0
    queue.drain(tasks.HANDLERS, now)
    (mail,) = mailoutbox
    assert mail.to == [MAIL]
    assert reverse("my:contacts") in mail.body
    assert "escalier" not in mail.body + mail.subject


def test_the_officers_rule_erases_what_nobody_confirmed(awa):
    old(awa)
    with moments.at(now() + timedelta(days=200)):
        assert retention.dry_run("contacts", 12, now()).due == 0
    with moments.at(now() + timedelta(days=400)):
        found = retention.dry_run("contacts", 12, now())
        assert (found.due, found.kept) == (3, 0)
        assert MAIL not in "".join(found.examples)
        contact_check.confirm(point(MAIL), now())
        assert retention.dry_run("contacts", 12, now()).due == 2


@pytest.mark.django_db
def test_who_may_be_asked_is_read_from_an_index_in_order():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = contact_check.stale_points(now())[:5].explain()
        cursor.execute("SET LOCAL enable_seqscan = on")
    assert "contact_to_ask" in plan
