"""Test proxies: consent by code, acceptance, scope, end, and the trace of each use."""

import uuid
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from portal.actor import Actor
from portal.clock import now
from requests import tasks
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.conversation.timeline import FILED, timeline
from requests.filing.actions import Filing, file_claim
from requests.identity import proxies
from requests.jobs import queue
from requests.jobs.models import Job
from requests.notifications.models import Delivery
from tenants.actions import mandates
from tenants.models import Mandate, Tenant
from tests import factories
from tests.matrix.world import attachment

PHONE = "+33612345678"


@pytest.fixture
def awa(landlord):
    person = factories.tenant(landlord["dwelling"], email="awa@example.test")
    factories.contact(person, PHONE, verified=True)
    return person


@pytest.fixture
def ines(landlord):
    user = factories.account("ines@example.test")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def filed(tenant, category="PLO-03", **fields) -> Claim:
    filing = Filing(
        channel="web",
        key=uuid.uuid4().hex,
        category=category,
        words="Ça fuit",
        tenant=str(tenant.pk),
        **fields,
    )
    return file_claim(filing, actor=Actor.TENANT, now=now())


def day(days: int):
    return timezone.localdate() + timedelta(days=days)


def form(**more) -> dict:
    usual = {"proxy_name": "Inès Morel", "proxy_email": "ines@example.test", "scope": "ordinary"}
    return {**usual, "ends": day(30), **more}


def shown(client, claim) -> int:
    return client.get(f"/proxy/{claim.pk}/").status_code


def test_from_the_code_to_the_claim(client, awa, ines, settings):
    settings.PALIER_SMS, settings.PALIER_SMS_DOMAIN = "portal.sms.by_mail", "sms.example.test"
    claim = filed(awa)
    client.force_login(awa.user)
    assert client.post("/my/proxies/", form()).status_code == 302
    mandate = Mandate.objects.system("test").get()
    for _twice in range(2):
        Job.objects.filter(kind="deliver").update(done_at=None)
        queue.drain(tasks.HANDLERS, now)
    code = mandates.consent_digits(mandate.code)
    texts = [m.body for m in mail.outbox if m.to == ["33612345678@sms.example.test"]]
    assert len([text for text in texts if code in text]) == 1  # beside the news of the claim
    row = Delivery.unscoped.get(kind="consent_code")
    kept = f"{row.text} {row.subject} {row.facts} {row.answer}"
    assert code not in kept  # in no row
    wrong = client.post(f"/my/proxies/{mandate.pk}/code/", {"code": "abcdef"})
    assert wrong.status_code == 422
    client.force_login(ines)
    assert shown(client, claim) == 404
    assert client.get("/proxy/").context["offered"].count() == 0
    assert client.post(f"/proxy/accept/{mandate.pk}/").status_code == 404
    client.force_login(awa.user)
    spaced = f"{code[:3]} {code[3:]}"
    assert client.post(f"/my/proxies/{mandate.pk}/code/", {"code": spaced}).status_code == 302
    client.force_login(ines)
    assert shown(client, claim) == 404
    assert client.post(f"/proxy/accept/{mandate.pk}/").status_code == 302
    assert shown(client, claim) == 200
    assert list(client.get("/proxy/").context["page_obj"]) == [claim]


@pytest.mark.django_db(transaction=True)
def test_a_code_leaves_outside_any_transaction_and_once(awa, settings, monkeypatch):
    settings.PALIER_SMS = "portal.sms.by_mail"
    mandate = proxies.ask(tenant=awa, given=form(), by=awa.user, now=now())
    held, answers = [], [OSError("the provider is down"), None]

    def send(number, text):
        held.append(connection.in_atomic_block)
        if error := answers.pop(0):
            raise error

    monkeypatch.setattr("portal.sms.send", send)
    for expected_attempts in (1, 2):
        factories.pass_time(hours=1)
        queue.drain(tasks.HANDLERS, now)
        assert Delivery.unscoped.get().attempts == expected_attempts
        mandate.code.refresh_from_db()
        assert bool(mandate.code.sent_at) is (expected_attempts == 2)
    Job.objects.filter(kind="deliver").update(done_at=None)
    queue.drain(tasks.HANDLERS, now)
    assert held == [False, False]
    assert answers == []


def test_five_wrong_codes_end_it(client, awa):
    client.force_login(awa.user)
    client.post("/my/proxies/", form())
    mandate = Mandate.objects.system("test").get()
    for _ in range(5):
        with pytest.raises(mandates.NotPossible, match="wrong_code"):
            mandates.confirm(mandate=mandate, typed="x", now=now())
    code = mandates.consent_digits(mandate.code)
    with pytest.raises(mandates.NotPossible, match="code_expired"):
        mandates.confirm(mandate=mandate, typed=code, now=now())


def test_a_code_dies_after_a_day(awa):
    given = {**form(), "proxy_email": "ines@example.test"}
    mandate = mandates.ask(tenant=awa, given=given, by=awa.user, now=now())
    late = now() + timedelta(hours=25)
    with pytest.raises(mandates.NotPossible, match="code_expired"):
        mandates.confirm(mandate=mandate, typed=mandates.consent_digits(mandate.code), now=late)


@pytest.mark.parametrize("case", ["unverified", "failing", "shared", "proxy's"])
def test_a_phone_that_is_not_theirs_alone_proves_nothing(client, awa, ines, landlord, case):
    if case == "shared":
        home = factories.dwelling(landlord["dwelling"].staircase, "13")
        factories.contact(factories.tenant(home), PHONE)
    elif case == "proxy's":
        ines.phone = PHONE
        ines.save()
    else:
        alone = {"verified": case == "failing", "failing": case == "failing"}
        awa.contact_points.update(origin="own", **alone)
    client.force_login(awa.user)
    answer = client.post("/my/proxies/", form())
    assert answer.status_code == 422
    assert "Inès Morel" in answer.content.decode()
    assert not Mandate.objects.system("test").exists()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"proxy_email": "awa@example.test"}, "proxy_email"),
        ({"ends": day(-1)}, "ends"),
        ({"ends": day(400)}, "ends"),
        ({"ends": ""}, "ends"),
        ({"proxy_name": ""}, "proxy_name"),
    ],
)
def test_errors_are_at_the_field(client, awa, more, field):
    client.force_login(awa.user)
    answer = client.post("/my/proxies/", form(**more))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_only_an_account_that_proved_the_address_accepts(client, awa, ines):
    mandate = factories.mandate(awa, None)
    EmailAddress.objects.filter(user=ines).update(verified=False)
    client.force_login(ines)
    assert client.post(f"/proxy/accept/{mandate.pk}/").status_code == 404
    client.force_login(factories.account("autre@example.test"))
    assert client.post(f"/proxy/accept/{mandate.pk}/").status_code == 404
    mandate.refresh_from_db()
    assert mandate.proxy is None


@pytest.mark.parametrize(
    "change",
    [
        {"ends": day(-1)},
        {"starts": day(1)},
        {"revoked_at": now()},
    ],
    ids=["expired", "not begun", "revoked"],
)
def test_outside_its_dates_everything_is_a_404(client, awa, ines, change):
    mandate, claim = factories.mandate(awa, ines), filed(awa)
    client.force_login(ines)
    assert shown(client, claim) == 200
    Mandate.objects.system("test").filter(pk=mandate.pk).update(**change)
    assert shown(client, claim) == 404
    assert client.post(f"/proxy/{claim.pk}/write/", {"text": "x"}).status_code == 404
    assert client.post(f"/proxy/{claim.pk}/do/say_fixed/").status_code == 404
    assert client.get(f"/proxy/file/{mandate.pk}/").status_code == 404
    assert list(client.get("/proxy/").context["page_obj"]) == []
    assert claim.messages.count() == 1


def test_the_tenant_ends_it_and_nobody_else_s(client, awa, ines, landlord):
    claim, mandate = filed(awa), factories.mandate(awa, ines)
    home = factories.dwelling(landlord["dwelling"].staircase, "13")
    luc = factories.tenant(home, email="luc@example.test")
    client.force_login(luc.user)
    assert client.post(f"/my/proxies/{mandate.pk}/end/").status_code == 404
    assert b"Morel" not in client.get("/my/proxies/").content
    client.force_login(awa.user)
    assert client.post(f"/my/proxies/{mandate.pk}/end/").status_code == 302
    client.force_login(ines)
    assert shown(client, claim) == 404


def test_a_proxy_sees_that_tenant_only_and_nothing_confidential(client, awa, ines, landlord):
    factories.category("VOI-09", "A2", "agency_clientele", sensitive=True)
    secret, leak = filed(awa, "VOI-09"), filed(awa)
    home = factories.dwelling(landlord["dwelling"].staircase, "13")
    foreign = filed(factories.tenant(home))
    mandate = factories.mandate(awa, ines)
    client.force_login(ines)
    assert [shown(client, claim) for claim in (leak, secret, foreign)] == [200, 404, 404]
    Mandate.objects.system("test").filter(pk=mandate.pk).update(scope="all")
    assert [shown(client, claim) for claim in (leak, secret, foreign)] == [200, 200, 404]
    # The scope of a mandate for somebody else does not apply.
    Mandate.objects.system("test").filter(pk=mandate.pk).update(scope="ordinary")
    factories.mandate(Tenant.objects.system("test").get(pk=foreign.tenant_id), ines, scope="all")
    assert shown(client, secret) == 404


def test_what_ended_before_the_mandate_stays_closed(client, awa, ines):
    claim = filed(awa)
    factories.mandate(awa, ines, starts=day(-2))
    Claim.objects.system("test").filter(pk=claim.pk).update(ended_at=now() - timedelta(days=5))
    client.force_login(ines)
    assert shown(client, claim) == 404
    Claim.objects.system("test").filter(pk=claim.pk).update(ended_at=now())
    assert shown(client, claim) == 200


def test_the_page_never_gives_the_link_away(client, awa, ines):
    factories.mandate(awa, ines)
    claim = filed(awa)
    client.force_login(ines)
    assert claim.token.encode() not in client.get(f"/proxy/{claim.pk}/").content


def test_writing_and_answering_are_traced(client, awa, ines, landlord):
    mandate, claim = factories.mandate(awa, ines), filed(awa)
    client.force_login(ines)
    assert client.post(f"/proxy/{claim.pk}/write/", {"text": " "}).status_code == 422
    assert client.post(f"/proxy/{claim.pk}/write/", {"text": "Pour Awa"}).status_code == 302
    assert claim.messages.last().author == ines
    agent = factories.member(landlord["north"], "agent")
    advance(claim=claim, transition=Event.REPORT_DONE, now=now(), actor=Actor.member(agent))
    assert client.post(f"/proxy/{claim.pk}/do/say_fixed/").status_code == 302
    assert client.post(f"/proxy/{claim.pk}/do/say_fixed/").status_code == 302
    assert client.post(f"/proxy/{claim.pk}/do/withdraw/").status_code == 404
    uses = claim.events.filter(name=Event.PROXY_USED)
    assert [(e.actor, e.facts["what"], e.facts["proxy"]) for e in uses] == [
        (ines, "write", str(mandate.pk)),
        (ines, Event.SAY_FIXED, str(mandate.pk)),
    ]
    client.force_login(awa.user)
    assert len(client.get("/my/proxies/").context["mandates"][0].uses) == 2


def test_a_proxy_files_for_the_tenant(client, awa, ines, landlord):
    factories.category("VOI-09", "A2", "agency_clientele", sensitive=True)
    mandate = factories.mandate(awa, ines)
    client.force_login(ines)
    page = f"/proxy/file/{mandate.pk}/"
    asked = client.get(page).context["form"]
    body = {
        "key": asked.initial["key"],
        "category": "PLO-03",
        "home": landlord["dwelling"].pk,
        "words": "L'évier fuit",
    }
    assert client.post(page, {**body, "words": ""}).status_code == 422
    assert client.post(page, {**body, "category": "VOI-09"}).status_code == 422
    assert client.post(page, {**body, "home": 0}).status_code == 422
    answers = [client.post(page, body) for _ in range(2)]
    claim = Claim.objects.system("test").get()
    assert {a.url for a in answers} == {f"/proxy/{claim.pk}/"}
    assert (claim.tenant, claim.contact_email, claim.contact_phone) == (awa, "", PHONE)
    event = claim.events.get(name=Event.FILED)
    assert (event.actor, event.role, event.facts["proxy"]) == (ines, "proxy", str(mandate.pk))
    assert client.post(page, {**body, "words": "autre"}).status_code == 422
    told = timeline(claim)[-1]["text"]
    assert told != str(FILED["web"])


@pytest.mark.parametrize(
    "fields", [{"proof": ""}, {"consent_at": None}, {"starts": "2099-02-01"}], ids=str
)
def test_the_database_wants_proof_consent_and_an_end(awa, ines, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.mandate(awa, ines, **fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.mandate(awa, ines, ends=None)


def test_a_proxy_opens_the_files_that_the_mandate_covers(client, awa, ines, landlord):
    factories.category("VOI-09", "A2", "agency_clientele", sensitive=True)
    leak, secret = filed(awa), filed(awa, "VOI-09")
    foreign = filed(factories.tenant(factories.dwelling(landlord["dwelling"].staircase, "13")))
    factories.mandate(awa, ines)
    note = leak.messages.create(direction="note", channel="web", text="x", at=now())
    files = {
        name: attachment(claim, "shared", channel="web", content_type="image/jpeg", **more)
        for name, claim, more in (
            ("photo", leak, {}),
            ("note", leak, {"message": note}),
            ("secret", secret, {}),
            ("foreign", foreign, {}),
        )
    }

    def opened(name: str) -> int:
        url = reverse("proxy:claim_file", args=[files[name].claim_id, files[name].pk])
        return client.get(url).status_code

    client.force_login(ines)
    assert str(files["photo"].pk) in client.get(f"/proxy/{leak.pk}/").content.decode()
    assert [opened(name) for name in files] == [200, 404, 404, 404]
    Mandate.objects.system("test").update(scope="all")
    assert opened("secret") == 200
    Mandate.objects.system("test").update(revoked_at=now())
    assert [opened(name) for name in files] == [404] * 4
