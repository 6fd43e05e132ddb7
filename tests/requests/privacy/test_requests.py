"""A person asks about their data, on their page or by letter; the officer answers in time."""

import json
import zipfile
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.test import Client

from agencies.models import Dwelling
from portal.actor import Actor
from portal.clock import now
from portal.models import User
from requests import tasks
from requests.attachments import uploads
from requests.attachments.models import Attachment
from requests.claims.event_models import Message
from requests.incidents import actions as incidents
from requests.incidents import notices
from requests.jobs import queue
from requests.notifications.models import Delivery
from requests.privacy import person as people
from requests.privacy import rules
from requests.privacy.models import Erasure, Hold, PersonExport, RightsRequest, RightsStep
from tests import factories, moments
from tests.requests.privacy import traces
from tests.requests.privacy.conftest import CANARY, ended_claim, leave, photo

pytestmark = pytest.mark.long

DAY = moments.MOMENT.date()


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def work() -> None:
    factories.pass_time(minutes=1)
    queue.drain(tasks.HANDLERS, now)


def ask(person, kind: str = "access", **fields) -> RightsRequest:
    client = signed_in(person.user)
    assert client.post("/my/data/ask/", {"kind": kind, **fields}).status_code == 302
    return RightsRequest.unscoped.get(kind=kind, tenant=person)


def logged(landlord, person, kind: str = "erasure", day=DAY) -> RightsRequest:
    agent = factories.member(landlord["north"], "agent")
    fields = {"kind": kind, "channel": "letter", "received_on": str(day), "words": "Merci"}
    answer = signed_in(agent.user).post(f"/privacy/for/{person.pk}/", fields)
    assert answer.status_code == 302, answer.content.decode()
    return RightsRequest.unscoped.get(kind=kind, tenant=person)


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    ("received", "due", "longest"),
    [
        ("2026-11-18", "2026-12-18", "2027-02-18"),
        ("2027-01-31", "2027-02-28", "2027-04-30"),
        ("2026-12-31", "2027-01-31", "2027-03-31"),
    ],
)
def test_the_clock_is_one_month_and_two_more(received, due, longest):
    day = date.fromisoformat(received)
    assert (str(rules.due(day)), str(rules.extended(day))) == (due, longest)


def test_a_tenant_asks_gets_the_copy_and_sees_the_state(landlord, person):
    ended_claim(landlord, person)
    asked = ask(person)
    assert str(asked.due_on) == "2026-12-18"
    client = signed_in(person.user)
    assert "18 déc" in client.get("/my/data/").content.decode()
    work()
    copy = PersonExport.objects.get()
    files = unpacked(client.post(f"/my/data/copies/{copy.pk}/file/").getvalue())
    assert {"index.html", "data.json"} < set(files)
    data = json.loads(files["data.json"])
    claim = data["tables"]["requests.Claim"][0]
    assert claim["words"] == f"{CANARY} coule"
    assert data["tables"]["tenants.Tenant"][0]["last_name"] == CANARY
    assert f"{CANARY} coule" in files["index.html"].decode()
    assert [name for name in files if name.startswith("files/")]
    assert b"password" not in files["data.json"]
    assert [step.name for step in asked.steps.all()] == ["opened", "export_made", "downloaded"]
    assert asked.steps.last().by == person.user


def test_the_copy_asks_again_who_is_there(landlord, person, settings):
    settings.PALIER_REAUTHENTICATION = 0
    ask(person)
    work()
    copy = PersonExport.objects.get()
    answer = signed_in(person.user).post(f"/my/data/copies/{copy.pk}/file/")
    assert answer.status_code == 302
    assert "next=" in answer["Location"]
    assert not RightsStep.objects.filter(name="downloaded").exists()


def test_the_copy_ends_after_its_days(landlord, person):
    ask(person)
    work()
    copy = PersonExport.objects.get()
    assert traces.files()
    PersonExport.objects.update(ends_at=now())
    client = signed_in(person.user)
    assert client.post(f"/my/data/copies/{copy.pk}/file/").status_code == 404
    tasks.keep_to_retention()
    assert traces.files() == []


def test_news_of_an_incident_are_in_the_copy_and_end_with_the_person(landlord, person, officer):
    """They belong to no request: found by the person's addresses alone."""
    home, agent = landlord["dwelling"], factories.member(landlord["north"], "agent")
    door = Dwelling.objects.create(staircase=home.staircase, natural_key="n2", door="2")
    other = factories.tenant(door, email="other@example.test", last_name="Morel")
    factories.contact(other, other.user.email, verified=True)
    made = incidents.open_incident(
        building=home.staircase.building,
        family=landlord["leak"].family,
        title="Eau coupée",
        text=f"Le {CANARY} est fermé.",
        actor=Actor.member(agent),
        now=now(),
    )
    said = notices.Said.OPENED
    notices.write(key="k", now=now(), incident=str(made.pk), version=made.version, said=said)
    sent = Delivery.unscoped.get(kind="incident", recipient=person.user.email)
    ask(person)
    work()
    (copy,) = exports_of(person)
    assert CANARY in copy
    assert other.user.email not in copy
    leave(person)
    people.erase_person(tenant=person, by=None, why="request", now=now() + timedelta(days=2))
    sent.refresh_from_db()
    assert CANARY not in sent.text
    assert "canarino" not in sent.recipient
    assert CANARY in Delivery.unscoped.get(kind="incident", recipient=other.user.email).text


def exports_of(person) -> list[str]:
    """Return what each copy of the person says to machines."""
    client = signed_in(person.user)
    found = []
    for copy in PersonExport.objects.filter(tenant=person):
        files = unpacked(client.post(f"/my/data/copies/{copy.pk}/file/").getvalue())
        found.append(files["data.json"].decode())
    return found


def test_a_copy_holds_nothing_of_others(landlord, person):
    claim = ended_claim(landlord, person)
    other = factories.tenant(landlord["dwelling"], email="other@example.test", last_name="Morel")
    secret = "CONFIDENCE-OF-ANOTHER"
    for author, direction in ((other.user, "in"), (None, "note")):
        message = Message.objects.create(
            claim=claim, direction=direction, channel="web", text=secret, author=author, at=now()
        )
        kept = uploads.keep(photo(f"{secret}.jpg"), claim=claim, channel="web", now=now())
        Attachment.unscoped.filter(pk=kept.pk).update(message=message, author=author)
    factories.leak(landlord, now(), key="theirs", tenant=other.pk, words=secret)
    ask(person)
    work()
    client = signed_in(person.user)
    files = unpacked(
        client.post(f"/my/data/copies/{PersonExport.objects.get().pk}/file/").getvalue()
    )
    assert not any(secret in name or secret.encode() in body for name, body in files.items())


def test_nobody_reaches_the_copy_or_the_request_of_another(landlord, person):
    other = factories.tenant(landlord["dwelling"], email="other@example.test")
    asked = ask(person)
    work()
    copy = PersonExport.objects.get()
    stranger = signed_in(other.user)
    assert stranger.post(f"/my/data/copies/{copy.pk}/file/").status_code == 404
    assert stranger.post(f"/my/data/{asked.pk}/withdraw/").status_code == 404
    agent = signed_in(factories.member(landlord["south"], "agent").user)
    assert agent.get(f"/privacy/for/{person.pk}/").status_code == 404
    assert agent.get(f"/privacy/requests/{asked.pk}/").status_code == 403
    assert agent.post(f"/privacy/copies/{copy.pk}/file/").status_code == 403


def test_the_same_is_not_asked_twice(landlord, person):
    ask(person)
    ask(person)
    assert RightsRequest.unscoped.count() == 1


def test_a_withdrawn_request_waits_no_more(landlord, person, officer):
    asked = ask(person, "rectification", words="Mon nom")
    signed_in(person.user).post(f"/my/data/{asked.pk}/withdraw/")
    asked.refresh_from_db()
    assert asked.state == "withdrawn"
    answer = {"granted": "yes", "text": "Fait"}
    signed_in(officer.user).post(f"/privacy/requests/{asked.pk}/answer/", answer)
    asked.refresh_from_db()
    assert asked.state == "withdrawn"


def test_an_account_without_a_home_is_sent_to_link_it(db):
    client = signed_in(factories.account("visitor@example.test"))
    assert "/my/dwelling/" in client.get("/my/data/").content.decode()
    assert client.post("/my/data/ask/", {"kind": "access"}).status_code == 404


def test_a_letter_is_logged_extended_and_answered(landlord, person, officer):
    asked = logged(landlord, person, "rectification")
    client = signed_in(officer.user)
    address = f"/privacy/requests/{asked.pk}/"
    assert CANARY in client.get("/privacy/").content.decode()
    assert client.post(address + "extend/", {"reason": ""}).status_code == 422
    client.post(address + "extend/", {"reason": "Dossier ancien"})
    client.post(address + "extend/", {"reason": "Encore"})  # once only
    asked.refresh_from_db()
    assert (str(asked.due_on), asked.extension_reason) == ("2027-02-18", "Dossier ancien")
    client.post(address + "note/", {"text": "Vu avec l’agence"})
    assert client.post(address + "answer/", {"granted": "no"}).status_code == 422
    client.post(address + "answer/", {"granted": "no", "text": "Le nom est celui du bail"})
    asked.refresh_from_db()
    assert (asked.state, asked.answer) == ("refused", "Le nom est celui du bail")
    names = [step.name for step in asked.steps.all()]
    assert names == ["opened", "extended", "note", "refused"]
    mine = signed_in(person.user).get("/my/data/").content.decode()
    assert "Le nom est celui du bail" in mine
    assert "Vu avec" not in mine


def test_the_person_is_told_by_mail_with_the_reason(landlord, person, officer, mailoutbox):
    asked = logged(landlord, person, "objection")
    reason = {"reason": "Dossier ancien"}
    signed_in(officer.user).post(f"/privacy/requests/{asked.pk}/extend/", reason)
    work()
    told = Delivery.unscoped.filter(kind="rights")
    assert {row.state for row in told} == {"sent"}
    assert not any("Dossier" in mail.subject for mail in mailoutbox)
    assert any("Dossier ancien" in mail.body for mail in mailoutbox)
    assert any("/my/data/" in mail.body for mail in mailoutbox)


def test_who_has_no_address_gets_a_letter(landlord, officer):
    person = factories.tenant(landlord["dwelling"], last_name=CANARY)
    asked = logged(landlord, person, "objection")
    assert not Delivery.unscoped.filter(kind="rights").exists()
    page = signed_in(officer.user).get(f"/privacy/requests/{asked.pk}/letter/")
    assert CANARY in page.content.decode()


def test_time_runs_from_receipt_and_is_shown_late(landlord, person, officer):
    asked = logged(landlord, person, "objection", day="2026-10-01")
    assert str(asked.due_on) == "2026-11-01"
    assert "en retard" in signed_in(officer.user).get("/privacy/").content.decode()
    client = signed_in(officer.user)
    client.post(f"/privacy/requests/{asked.pk}/extend/", {"reason": "Trop tard"})
    asked.refresh_from_db()
    assert str(asked.due_on) == "2026-11-01"


def test_an_erasure_is_refused_with_its_reason_then_done(landlord, person, officer):
    ended_claim(landlord, person)
    asked = logged(landlord, person)
    client = signed_in(officer.user)
    address = f"/privacy/requests/{asked.pk}/"
    assert client.post(address + "erase/", {}).status_code == 422
    page = client.post(address + "erase/", {"sure": "on"}, follow=True).content.decode()
    assert "B1" in page  # the open lease
    assert asked.steps.filter(name="erasure_refused", text__contains="B1").exists()
    leave(person, DAY.replace(day=1))
    client.post(address + "hold/", {"kind": "legal", "reason": "RG 26/123"})
    client.post(address + "erase/", {"sure": "on"})
    assert not Erasure.objects.exists()
    client.post(f"{address}hold/{Hold.objects.get().pk}/lift/")
    client.post(address + "erase/", {"sure": "on"})
    assert traces.found(CANARY) == {}
    assert not User.objects.filter(email="canarino@example.test").exists()
    asked.refresh_from_db()
    assert (asked.state, asked.tenant) == ("answered", None)
    assert str(person.pk) in client.get("/privacy/erasures/").content.decode()


def test_the_register_and_the_rules_stand_on_pages(landlord, officer):
    client = signed_in(officer.user)
    page = client.get("/privacy/register/").content.decode()
    for word in ("Finalité", "Destinataires", "article 30"):
        assert word in page
    assert client.get("/privacy/retention/?try=claims").status_code == 200
    bad = client.post("/privacy/retention/claims/", {"months": "0", "source": ""})
    assert bad.status_code == 422
    client.post(
        "/privacy/retention/claims/", {"months": "24", "source": "Décision", "active": "on"}
    )
    page = client.get("/privacy/register/").content.decode()
    assert "24 mois" in page
    assert client.post("/privacy/retention/nothing/", {"months": "2"}).status_code == 404
