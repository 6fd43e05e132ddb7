"""The bill in the letter box links nobody: a code to the phone does, or a notice and a wait."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from portal.actor import Actor
from portal.clock import now
from requests import tasks
from requests.channels.outbound.receipt import Receipt
from requests.claims.models import Claim
from requests.filing.actions import Filing, file_claim
from requests.jobs import queue
from requests.notifications.models import Delivery
from requests.routing.actions import route_claim
from tenants.models import AccountLink, Lease, Mandate, Occupancy, Tenant
from tests import factories, moments
from tests.requests.api.conftest import Caller

pytestmark = pytest.mark.long

PHONE, MAIL = "+33639980001", "awa@example.test"
SECRET = "Il me frappe"


@pytest.fixture(autouse=True)
def in_november():
    with moments.at():
        yield


class Sent(list):
    """What left, by either channel."""

    def __call__(self, message) -> Receipt:
        self.append(message)
        return Receipt(True, f"id-{len(self)}", "taken")

    def texts(self) -> str:
        return "\n".join(message.text for message in self)


@pytest.fixture
def sent(monkeypatch, settings) -> Sent:
    settings.PALIER_SMS_ACCOUNT, settings.PALIER_SMS_TOKEN = "AC1", "t"
    settings.PALIER_SMS_FROM = "+33700000000"
    found = Sent()
    for channel in ("sms", "email"):
        monkeypatch.setattr(f"requests.channels.outbound.{channel}.send", found)
    return found


@pytest.fixture
def awa(landlord) -> Tenant:
    """The holder, known by mail and phone, without account, with something told in confidence."""
    holder = factories.tenant(landlord["dwelling"], bill_code="BILL234567")
    factories.contact(holder, MAIL)
    factories.category("VOI-06", "U0", "crc", sensitive=True)
    factories.category("ADM-14", "A1", "crc")
    return holder


@pytest.fixture
def claims(awa, landlord, sent) -> dict[str, Claim]:
    """A leak, a call about violence, and a text message that nobody has sorted."""
    found = {}
    for name, category, channel in (
        ("leak", "PLO-03", "web"),
        ("violence", "VOI-06", "web"),
        ("unsorted", "ADM-14", "sms"),
    ):
        filing = Filing(
            channel=channel,
            key=name,
            category=category,
            words=SECRET if name != "leak" else "Ça coule",
            dwelling=landlord["dwelling"].pk,
            tenant=str(awa.pk),
        )
        found[name] = file_claim(filing, actor=Actor.TENANT, now=now())
        route_claim(claim_id=found[name].pk, now=now())
    work()
    sent.clear()  # what the claims themselves sent
    return found


def account(email: str) -> Client:
    client = Client()
    client.account = factories.account(email)
    client.force_login(client.account)
    return client


def link(client: Client, code: str = "BILL234567"):
    return client.post("/my/dwelling/", {"code": code, "last_name": "Traoré"})


def work() -> None:
    factories.pass_time(minutes=5)
    queue.drain(tasks.HANDLERS, now)


def linked(awa: Tenant):
    awa.refresh_from_db()
    return awa.user


# A verified phone is known: its code is needed.


@pytest.fixture
def known(awa) -> Tenant:
    factories.contact(awa, PHONE, verified=True)
    return awa


@pytest.mark.weakness("bill alone")
def test_code_and_name_alone_link_nobody(known, claims, sent):
    partner = account("partner@example.test")
    assert link(partner).status_code == 302
    assert linked(known) is None
    for path in ("", *(f"{claim.pk}/" for claim in claims.values())):
        assert SECRET not in partner.get(f"/my/{path}").content.decode()
    work()
    [message] = sent
    assert message.to == PHONE
    page = partner.get("/my/dwelling/").content.decode()
    assert PHONE[-2:] in page
    assert PHONE[-6:] not in page
    # Guessing is counted, and a wrong code links nobody.
    code = re.search(r"\d{6}", message.text)[0]
    wrong = "000000" if code != "000000" else "111111"
    for _try in range(5):
        assert partner.post("/my/dwelling/code/", {"code": wrong}).status_code == 422
    assert partner.post("/my/dwelling/code/", {"code": code}).status_code == 422
    assert linked(known) is None


def test_the_person_copies_the_code_and_reads_everything(known, claims, sent):
    client = account("awa.account@example.test")
    link(client)
    work()
    code = re.search(r"\d{6}", sent[0].text)[0]
    assert not re.search(code, str(list(Delivery.unscoped.values_list("text", "facts"))))
    assert client.post("/my/dwelling/code/", {"code": code}).status_code == 302
    assert linked(known) == client.account
    for claim in claims.values():
        assert client.get(f"/my/{claim.pk}/").status_code == 200
    work()
    assert {message.to for message in sent} == {PHONE, MAIL}
    assert "/end-link/" in sent.texts()


def test_a_code_is_good_for_its_own_account_and_a_day(known, sent):
    one, other = account("one@example.test"), account("other@example.test")
    link(one)
    link(other)
    work()
    first = re.search(r"\d{6}", sent[0].text)[0]
    second = re.search(r"\d{6}", sent[1].text)[0]
    assert first != second
    assert other.post("/my/dwelling/code/", {"code": first}).status_code == 422
    with moments.at(moments.MOMENT + timedelta(hours=25)):
        assert one.post("/my/dwelling/code/", {"code": first}).status_code == 422
    assert linked(known) is None


def test_staff_read_the_code_out_where_no_text_can_leave(known, landlord, settings):
    settings.PALIER_SMS_ACCOUNT = ""
    client = account("awa.account@example.test")
    link(client)
    staff = Client()
    staff.force_login(factories.member(landlord["north"], "agent").user)
    page = staff.get(f"/agency/doubles/person/{known.pk}/").content.decode()
    code = re.search(r"(\d{6})\s*<", page)[1]
    assert client.post("/my/dwelling/code/", {"code": code}).status_code == 302
    assert linked(known) == client.account


def test_an_unverified_or_shared_phone_proves_nothing(awa, landlord, sent):
    factories.contact(awa, PHONE, verified=True)
    partner = Tenant.objects.system("test").create(last_name="Traoré", first_name="Ben")
    factories.contact(partner, PHONE)
    link(account("partner@example.test"))
    assert AccountLink.unscoped.get().phone == ""


# No verified phone: everybody known is told, and what is confidential waits.


@pytest.mark.weakness("bill alone")
def test_without_a_phone_what_was_told_in_confidence_stays_closed_two_days(awa, claims, sent):
    partner = account("partner@example.test")
    assert link(partner).status_code == 302
    assert linked(awa) == partner.account
    work()
    assert {message.to for message in sent} == {MAIL}
    assert "partner@" not in sent.texts()
    caller = Caller(partner.account)
    hidden = (claims["violence"], claims["unsorted"])
    assert partner.get(f"/my/{claims['leak'].pk}/").status_code == 200
    for claim in hidden:
        for path in ("", "print/", "qr/"):
            assert partner.get(f"/my/{claim.pk}/{path}").status_code == 404
        assert partner.post(f"/my/{claim.pk}/write/", {"text": "x"}).status_code == 404
        assert caller.get(f"claims/{claim.pk}/").status_code == 404
        body = {"confidential": False}
        assert caller.post(f"claims/{claim.pk}/confidential/", body).status_code == 404
    assert (
        SECRET not in partner.get("/my/").content.decode() + caller.get("claims/").content.decode()
    )
    # Nor the permanent link of the leak, which would outlast the wait.
    assert claims["leak"].token not in partner.get(f"/my/{claims['leak'].pk}/").content.decode()
    assert partner.get(f"/my/{claims['leak'].pk}/qr/").status_code == 404
    with moments.at(moments.MOMENT + timedelta(hours=49)):
        for claim in hidden:
            assert partner.get(f"/my/{claim.pk}/").status_code == 200


def test_while_it_waits_the_account_names_no_proxy_who_would_read(awa, claims, sent):
    """A second account, with everything in its mandate, and the stranger's own phone as proof."""
    partner = account("partner@example.test")
    partner.account.phone, partner.account.phone_verified = "+33600000001", True
    partner.account.save()
    link(partner)
    wish = {
        "proxy_name": "Moi",
        "proxy_email": "second@example.test",
        "scope": "all",
        "ends": str(moments.MOMENT.date() + timedelta(days=30)),
    }
    answer = partner.post("/my/proxies/", wish)
    assert answer.status_code == 422
    assert not Mandate.objects.system("test").exists()


def test_it_was_not_me_ends_it_before_anything_opens(awa, claims, sent):
    partner = account("partner@example.test")
    link(partner)
    work()
    path = re.search(r"/end-link/[\w-]+/", sent.texts())[0]
    reader = Client()
    assert reader.get(path).status_code == 200  # mail scanners open links: nothing ends
    assert linked(awa) == partner.account
    assert reader.post(path).status_code == 302
    assert linked(awa) is None
    assert partner.get("/my/").status_code == 302  # signed out
    partner.account.refresh_from_db()
    partner.force_login(partner.account)
    with moments.at(moments.MOMENT + timedelta(hours=49)):
        for claim in claims.values():
            assert partner.get(f"/my/{claim.pk}/").status_code == 404
    # The former code links nobody again, whoever kept the bill.
    assert link(partner).status_code == 422
    assert AccountLink.unscoped.get().ended_why == "not_me"


def test_what_the_account_files_itself_it_reads_at_once(awa, sent, landlord):
    client = account("awa.account@example.test")
    link(client)
    body = {"category": "VOI-06", "words": SECRET, "dwelling": landlord["dwelling"].pk}
    made = Caller(client.account).post("claims/", body).json()
    assert Caller(client.account).get(f"claims/{made['id']}/").status_code == 200


def test_the_code_of_the_bill_serves_once(awa, sent):
    link(account("awa.account@example.test"))
    assert Lease.unscoped.get().bill_code != "BILL234567"
    lease = Lease.unscoped.get()
    ben = Tenant.objects.system("test").create(last_name="Traoré", first_name="Ben")
    Occupancy.unscoped.create(lease=lease, tenant=ben, capacity="joint_tenant", starts="2020-01-01")
    assert link(account("ben@example.test")).status_code == 422
    assert link(account("ben2@example.test"), lease.bill_code).status_code == 302


def test_wrong_tries_are_counted_and_never_refunded(awa):
    client = account("guess@example.test")
    for _try in range(5):
        assert link(client, "WRONG").status_code == 422
    assert link(client).status_code == 422
    assert linked(awa) is None
