"""Who opened which record: written once an hour, read by the person and by the officer."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.actor import Actor
from portal.api_tokens import make
from portal.audit import sealer
from portal.audit.verify import verify
from portal.audit_models import AuditKey, AuditOpening
from portal.clock import now
from requests.audit import actions
from requests.audit.models import RecordView
from requests.claims.models import Claim
from requests.work_orders.actions import create_order, send_order
from tests import moments
from tests.factories import account, contractor, home_of, leak, mandate, member, tenant
from tests.moments import LATER


@pytest.fixture
def awa(landlord):
    return tenant(landlord["dwelling"], email="awa@example.test")


@pytest.fixture
def claim(landlord, awa) -> Claim:
    return leak(landlord, now(), tenant=awa.pk)


@pytest.fixture
def agent(landlord):
    return member(landlord["north"], "agent")


@pytest.fixture
def officer(landlord):
    return member(landlord["head"], "dpo")


def rows():
    return RecordView.objects.system("test")


def test_an_opened_request_is_logged_once_an_hour(client, claim, awa, agent):
    client.force_login(agent.user)
    for _ in range(3):
        assert client.get(reverse("agency:claim", args=[claim.pk])).status_code == 200
    row = rows().get()
    assert (row.claim, row.tenant, row.reader) == (claim, awa, agent.user)
    assert (row.role, row.unit, row.means) == ("agent", agent.unit, "page")
    with moments.at(now() + timedelta(minutes=20)):
        client.get(reverse("agency:claim", args=[claim.pk]))
    assert rows().count() == 1
    with moments.at(now() + timedelta(minutes=70)):
        client.logout()
        client.force_login(agent.user)
        assert client.get(reverse("agency:claim", args=[claim.pk])).status_code == 200
    assert rows().count() == 2


def test_the_log_costs_one_insert(client, claim, agent):
    client.force_login(agent.user)
    for _ in range(2):  # whether the row is new or known
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("agency:claim", args=[claim.pk]))
        assert sum("requests_recordview" in q["sql"] for q in asked.captured_queries) == 1


def test_the_record_of_a_person_is_logged(client, awa, agent):
    client.force_login(agent.user)
    for address in (
        reverse("agency:tenant", args=[awa.pk]),
        reverse("identity:person", args=[awa.pk]),
        reverse("calls:desk") + f"?who={awa.pk}",
    ):
        assert client.get(address).status_code == 200, address
    row = rows().get()
    assert (row.tenant, row.claim) == (awa, None)


def test_what_is_refused_is_not_logged(client, claim, landlord):
    stranger = member(landlord["south"], "agent")
    client.force_login(stranger.user)
    assert client.get(reverse("agency:claim", args=[claim.pk])).status_code == 404
    assert not rows().exists()


def test_who_reads_their_own_request_is_no_reader(client, claim, awa):
    client.force_login(awa.user)
    assert client.get(reverse("my:claim", args=[claim.pk])).status_code == 200
    assert not rows().exists()


def test_a_representative_is_logged(client, claim, awa):
    helper = account("ines@example.test")
    mandate(awa, helper, scope="all")
    client.force_login(helper)
    assert client.get(reverse("proxy:claim", args=[claim.pk])).status_code == 200
    row = rows().get()
    assert (row.role, row.reader, row.means) == ("proxy", helper, "mandate")


def test_another_tool_is_logged(client, claim, agent):
    secret = make(agent.user, name="tool", writes=False, days=9, now=now())
    path = reverse("api:claim", args=[claim.pk])
    answer = client.get(path, headers={"authorization": f"Token {secret}"})
    assert answer.status_code == 200
    row = rows().get()
    assert (row.reader, row.means) == (agent.user, "api")


def test_a_company_by_its_link_is_logged(client, claim, agent):
    order = create_order(
        claim=claim,
        contractor=contractor(),
        payer="landlord",
        why="",
        description="Fuite",
        respond_by=now() + timedelta(days=1),
        actor=Actor.member(agent),
        now=now(),
    )
    send_order(order=order, actor=Actor.member(agent), now=now())
    link = order.links.create(created_at=now())
    assert client.get(reverse("job", args=[link.token])).status_code == 200
    row = rows().get()
    assert (row.reader, row.role, row.company, row.means) == (
        None,
        "contractor",
        "Plomberie Le Goff",
        "link",
    )


def test_the_person_reads_when_and_in_which_role_not_who(client, claim, awa, agent):
    actions.record_access(actor=Actor.member(agent), now=now(), claims=[claim], tenants=[awa])
    client.force_login(awa.user)
    page = client.get(reverse("my:readers"), headers={"accept-language": "en"}).content.decode()
    assert "Agency staff" in page
    assert claim.spoken_reference in page
    assert agent.user.first_name not in page
    assert agent.user.email not in page
    other = tenant(home_of(agent.unit), email="zoe@example.test", first_name="Zoé")
    client.force_login(other.user)
    assert claim.spoken_reference not in client.get(reverse("my:readers")).content.decode()


def test_looks_of_more_than_a_year_are_not_shown(client, awa, agent):
    ago = now() - timedelta(days=366)
    actions.record_access(actor=Actor.member(agent), now=ago, tenants=[awa])
    client.force_login(awa.user)
    page = client.get(reverse("my:readers"), headers={"accept-language": "en"}).content.decode()
    assert "Agency staff" not in page


def test_a_merged_record_keeps_its_readers(client, landlord, awa, agent):
    double = tenant(landlord["dwelling"], last_name="Traore")
    actions.record_access(actor=Actor.member(agent), now=now(), tenants=[double])
    double.merged_into = awa
    double.save(update_fields=["merged_into"])
    client.force_login(awa.user)
    page = client.get(reverse("my:readers"), headers={"accept-language": "en"}).content.decode()
    assert "Agency staff" in page


def test_the_officer_searches_by_person_by_colleague_and_by_day(client, claim, awa, agent, officer):
    other = tenant(home_of(agent.unit), first_name="Zoé", last_name="Martin")
    boss = member(agent.unit, "agency_manager")
    actions.record_access(actor=Actor.member(agent), now=now(), claims=[claim])
    before = now() - timedelta(days=9)
    actions.record_access(actor=Actor.member(boss), now=before, tenants=[other])
    client.force_login(officer.user)

    def found(**asked) -> set[str]:
        page = client.get(reverse("audit:log"), asked)
        assert page.status_code == 200
        return {row.role for row in page.context["page_obj"]}

    today = timezone.localdate().isoformat()
    assert found() == {"agent", "agency_manager"}
    assert found(person="traoré awa") == {"agent"}
    assert found(person=claim.reference.lower()) == {"agent"}
    assert found(colleague=boss.user.email[:14]) == {"agency_manager"}
    assert found(since=today) == {"agent"}
    assert found(until=(timezone.localdate() - timedelta(days=1)).isoformat()) == {"agency_manager"}
    assert found(person="personne") == set()
    assert client.get(reverse("audit:log"), {"since": "x"}).status_code == 200


def test_the_officer_exports_what_the_search_finds(client, claim, awa, agent, officer):
    awa.first_name = "=HYPERLINK(1)"
    awa.save(update_fields=["first_name"])
    actions.record_access(actor=Actor.member(agent), now=now(), claims=[claim])
    client.force_login(officer.user)
    answer = client.get(reverse("audit:export"), {"person": "traoré"})
    body = answer.getvalue().decode()
    assert claim.reference in body
    assert ";\"'=HYPERLINK" in body
    assert agent.user.get_full_name() in body
    assert (
        claim.reference
        not in client.get(reverse("audit:export"), {"person": "personne"}).getvalue().decode()
    )


def test_only_the_officer_reads_the_log(client, landlord, awa):
    for role in ("agent", "agency_manager", "head_office", "admin", "caretaker", "contractor"):
        client.force_login(member(landlord["north"], role).user)
        for name in ("audit:log", "audit:export"):
            assert client.get(reverse(name)).status_code == 403, (role, name)
    client.force_login(awa.user)
    assert client.get(reverse("audit:log")).status_code == 403


def test_the_key_of_a_person_goes_with_all_their_records(claim, awa, agent, officer):
    actions.record_access(actor=Actor.member(agent), now=now(), claims=[claim], tenants=[awa])
    sealer.run(now() + LATER)
    assert AuditKey.objects.filter(person=f"tenant:{awa.pk}").exists()
    assert actions.erase_person_key(tenant=awa, reason="Art. 17", by=officer.user) == 1
    assert not AuditKey.objects.filter(person=f"tenant:{awa.pk}").exists()
    assert AuditOpening.objects.get().by == officer.user.pk
    assert list(verify(now() + LATER)) == []
