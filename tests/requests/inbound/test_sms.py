"""Texts out and in, against a provider that answers, delays, repeats and refuses as documented."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from portal import http, network, phones
from portal.actor import Actor
from portal.clock import now
from requests.channels import gsm7, quiet_hours, signatures
from requests.channels.models import Intake
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.notifications import events as notifications
from requests.notifications import texts as texts_of
from requests.notifications.models import Delivery, FailingAddress
from tests.factories import category, member
from tests.requests.channels import packs
from tests.requests.fixtures.sms_provider import NUMBER, hook, text

pytestmark = pytest.mark.long


@pytest.fixture
def texted(make_claim, work, provider):
    """A claim by SMS whose acknowledgement has left; ``(claim, the provider's form)``."""
    claim = make_claim(channel="sms", contact_email="", contact_phone=NUMBER)
    work()
    claim.refresh_from_db()
    return claim, provider.posts[0][2]


def receipt(sent: dict, status: str, code: str = ""):
    query = "?" + sent["StatusCallback"].partition("?")[2]
    form = {"MessageSid": "SM1", "MessageStatus": status}
    return hook(form | ({"ErrorCode": code} if code else {}), query)


@pytest.fixture
def read(clock, work):
    """Read what was posted, at the real time that views write."""

    def go():
        before, clock.at = clock.at, max(clock.at, now())
        work()
        clock.at = before

    return go


def test_a_text_leaves_with_its_promise_and_within_the_cheap_alphabet(texted, provider):
    claim, sent = texted
    path, authorization, _form = provider.posts[0]
    assert path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert authorization.startswith("Basic ")
    assert sent["To"] == NUMBER
    assert claim.reference in sent["Body"]
    assert gsm7.to_gsm7(notifications._when(claim.promise_at.isoformat())) in sent["Body"]
    assert gsm7.unsupported_characters(sent["Body"]) == []
    assert "Fuite" not in sent["Body"]
    assert Delivery.unscoped.get().provider_id.startswith("SM")


@pytest.mark.parametrize(
    ("status", "code", "state", "failing"),
    [
        (400, 21211, "failed_permanent", True),
        (400, 21610, "failed_permanent", True),
        (400, 21614, "failed_permanent", True),
        (400, 21606, "failed_permanent", False),
        (401, 20003, "failed_permanent", False),
        (429, 20429, "failed_temporary", False),
        (500, 20500, "failed_temporary", False),
        (503, None, "failed_temporary", False),
        (302, None, "failed_temporary", False),
    ],
)
def test_documented_errors_are_told_apart(make_claim, work, provider, status, code, state, failing):
    provider.answers = [(status, code)]
    make_claim(channel="sms", contact_email="", contact_phone=NUMBER)
    work()
    assert Delivery.unscoped.get(channel="sms").state == state
    assert FailingAddress.unscoped.exists() is failing
    assert len(provider.posts) == 1


def test_receipts_doubled_and_out_of_order_leave_one_truth(texted, read):
    _claim, sent = texted
    for status in ("delivered", "sent", "queued", "delivered", "failed"):
        assert receipt(sent, status).status_code == 200
    read()
    assert Delivery.unscoped.get().state == "delivered"
    assert Intake.unscoped.filter(state="parsed").count() == 4


def test_an_unreachable_number_falls_back_once(make_claim, work, provider, read, clock, mails):
    claim = make_claim(channel="sms", contact_email="awa@tenant.example", contact_phone=NUMBER)
    work()
    sent = provider.posts[0][2]
    for _ in range(2):
        receipt(sent, "undelivered", "30005")
    receipt(sent, "failed", "30005")
    read()
    assert Delivery.unscoped.get(channel="sms").state == "failed_permanent"
    assert FailingAddress.unscoped.get().address == NUMBER
    assert [m.to for m in mails.sent] == ["awa@tenant.example"]
    assert claim.messages.filter(direction="note").count() == 1


def test_a_provider_away_for_an_hour_doubles_nothing(make_claim, work, provider, clock):
    make_claim(channel="sms", contact_email="", contact_phone=NUMBER)
    provider.answers = [(503, None)] * 4
    for _ in range(12):
        work()
        clock.forward(minutes=10)
    assert Delivery.unscoped.get().state == "sent"
    assert len(provider.posts) == 5


def test_an_answer_by_text_joins_the_conversation(texted, read):
    claim, _sent = texted
    assert hook(text("Ça coule encore & ça empire")).status_code == 200
    read()
    assert claim.messages.filter(direction="in").last().text == "Ça coule encore & ça empire"
    assert Intake.unscoped.get().belongs


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("OUI", "closed"),
        ("Oui, merci !", "closed"),
        ("non", "in_review"),
        ("Ce n'est pas réglé.", "in_review"),
        ("Non ça va mieux mais pas tout", "done"),
        ("C'est réglé ?", "closed"),
    ],
)
def test_yes_and_no_answer_the_last_question(texted, read, landlord, clock, work, said, state):
    claim, _sent = texted
    sonia = member(landlord["north"], "agent")
    advance(claim=claim, transition=Event.REPORT_DONE, actor=Actor.member(sonia), now=clock())
    clock.forward(minutes=2)
    work()
    hook(text(said))
    read()
    claim.refresh_from_db()
    assert claim.state == state
    assert claim.messages.filter(direction="in").last().text == said


def test_photos_of_a_text_are_fetched_from_the_provider_alone(
    texted, read, provider, settings, tmp_path
):
    claim, _sent = texted
    settings.MEDIA_ROOT = tmp_path
    here = f"http://127.0.0.1:{provider.port}"
    provider.media = {"/1": b"", "/moved": packs.picture()}
    links = {
        "MediaUrl0": f"{here}/1",
        "MediaUrl1": f"{here}/gone",
        "MediaUrl2": "https://x.example/1",
    }
    hook(text("Voici", NumMedia="3", **links))
    read()
    told = claim.messages.get(direction="in")
    assert told.text == f"Voici\n{here}/gone\nhttps://x.example/1"
    assert [row.name for row in told.attachments.all()] == ["mms-1.jpg"]
    # Our account is told to the provider, and not to where it leads.
    assert [(path, bool(who)) for path, who in provider.asked][:2] == [
        ("/1", True),
        ("/moved", False),
    ]


def test_a_text_posted_ten_times_is_one_message(texted, read):
    claim, _sent = texted
    for _ in range(10):
        assert hook(text("Bonjour")).status_code == 200
    read()
    assert claim.messages.filter(direction="in").count() == 1


def test_a_reference_brings_a_known_phone_to_its_claim_and_no_other(
    make_claim, work, provider, read, landlord
):
    category("ADM-14", "A1", "crc")
    old = make_claim(channel="sms", contact_email="", contact_phone=NUMBER)
    make_claim(channel="sms", contact_email="", contact_phone=NUMBER)
    work()
    hook(text(f"Pour {old.reference} : une photo", NumMedia="1", MediaUrl0="https://x.example/1"))
    hook(text(f"Et {old.reference} ?", sid="SMin2", sender="+33639985678"))
    read()
    assert "https://x.example/1" in old.messages.get(direction="in").text
    fresh = Claim.objects.system("test").get(contact_phone="+33639985678")
    assert fresh.pk != old.pk


def test_stop_ends_texts_and_nothing_else(texted, read):
    claim, _sent = texted
    hook(text("STOP"))
    read()
    assert FailingAddress.unscoped.get().reason == "STOP"
    assert claim.messages.get(direction="in").text == "STOP"


def test_only_who_knows_the_key_may_post(provider, client, db, settings):
    assert hook(text("x"), signature="AAAA").status_code == 401
    assert hook(text("x"), signature="").status_code == 401
    assert hook({"Body": "no number"}).status_code == 400
    many = {f"a{number}": "x" for number in range(300)}  # anybody may post as many
    assert hook(many, signature="AAAA").status_code == 400
    settings.PALIER_HOOK_KEY = "k" * 20
    body = b"MessageSid=1&From=%2B33639981234&Body=Bonjour"
    at = int(datetime.now(UTC).timestamp())
    for key, status in (("k" * 20, 202), ("other", 401)):
        sign = signatures.sign(key, at, body)
        answer = client.generic(
            "POST",
            "/hooks/sms/",
            body,
            headers={"X-Palier-Timestamp": str(at), "X-Palier-Signature": sign},
        )
        assert answer.status_code == status
    settings.PALIER_HOOK_KEY = ""
    sign = signatures.sign("", at, body)
    headers = {"X-Palier-Timestamp": str(at), "X-Palier-Signature": sign}
    assert client.generic("POST", "/hooks/sms/", body, headers=headers).status_code == 401


def test_a_sensitive_claim_says_nothing_on_a_phone(make_claim, landlord, work, provider, clock):
    leak = landlord["leak"]
    leak.sensitive = True
    leak.save()
    claim = make_claim(channel="sms", contact_email="", contact_phone=NUMBER)
    work()
    sonia = member(landlord["north"], "agent")
    advance(
        claim=claim,
        transition=Event.ASK,
        actor=Actor.member(sonia),
        now=clock(),
        text="Qui vous menace ?",
    )
    work()
    assert "menace" not in provider.posts[-1][2]["Body"]


# The outgoing door


def test_only_named_public_hosts_are_spoken_to(settings, monkeypatch):
    settings.PALIER_HTTP_HOSTS = ["api.example", "127.0.0.1", "10.0.0.1"]
    for address in ("https://evil.example/", "ftp://api.example/", "http://api.example/"):
        with pytest.raises(http.Refused):
            http.request("GET", address)
    for inside in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "0.0.0.0"):
        found = [(2, 1, 6, "", (inside, 443))]
        monkeypatch.setattr(network.socket, "getaddrinfo", lambda *a, found=found, **k: found)
        with pytest.raises(http.Refused):
            http.request("GET", "https://api.example/")


# Pure parts


def test_french_fits_the_cheap_alphabet():
    said = "Été : l’œuvre « fêtée » où ça coûte 12 € – à Noël…"
    plain = gsm7.to_gsm7(said)
    assert gsm7.unsupported_characters(plain) == []
    assert plain == 'Été : l\'oeuvre " fetée " où ca coute 12 € - à Noel...'
    assert (
        gsm7.count_parts("a" * 160),
        gsm7.count_parts("a" * 161),
        gsm7.count_parts("ê" * 71),
    ) == (1, 2, 2)
    assert gsm7.count_parts("€" * 80) == 1
    assert gsm7.to_gsm7("الماء") == "الماء"


@hypothesis_settings(deadline=None)
@given(st.text(alphabet=st.characters(max_codepoint=0x24F)))
def test_latin_text_is_never_lost_entirely(said):
    plain = gsm7.to_gsm7(said)
    assert all(c in gsm7.BASIC or c in gsm7.EXTENDED or c in said for c in plain)


@pytest.mark.parametrize("event", sorted(notifications.TOLD))
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_text_costs_at_most_three_parts_besides_what_people_write(event, language):
    long = {
        "ref": "ABC234",
        "what": "",
        "promise": "mercredi 30 septembre, 17 h 30",
        "who": "Marie-Anne",
        "where": "Agence de Saint-Herblain",
        "the_where": "l’agence de Saint-Herblain",
        "of_where": "de l’agence de Saint-Herblain",
        "visit": "mercredi 30 septembre, 17 h 30",
        "text": "",
        "phone": "02 40 00 00 00",
        "link": "https://palier.bailleur.example/s/" + "x" * 20 + "/",
        "photos": "https://palier.bailleur.example/photos/" + "x" * 40 + "/",
        "offer": "https://palier.bailleur.example/visit/" + "x" * 20 + "/",
        "dates": "\n".join(f"{n} : mercredi 30 septembre, 17 h 30 - 19 h 30" for n in (1, 2, 3)),
        "other": "ABC 235",
        "missed": "Nous sommes venus et personne n'a pu nous ouvrir.",
        "report": "",
        "mark": "",
        "body": "",
        "landlord": "Loire Océane Habitat",
    }
    assert long.keys() == notifications.NAMES
    body = texts_of.fill(notifications.source_text(event, "sms", language), long)
    frame = notifications.source_text("_frame", "sms", language)
    whole = gsm7.to_gsm7(texts_of.fill(frame, long | {"body": body}))
    assert gsm7.unsupported_characters(whole) == []
    assert gsm7.count_parts(whole) <= 3


@pytest.mark.parametrize(
    ("at", "urgency", "want"),
    [
        ("2026-11-24T10:00", "U3", "2026-11-24T10:00"),  # Tuesday
        ("2026-11-24T20:00", "U3", "2026-11-25T08:00"),
        ("2026-11-24T03:00", "U3", "2026-11-24T08:00"),
        ("2026-11-24T03:00", "U0", "2026-11-24T03:00"),
        ("2026-11-24T23:00", "U1", "2026-11-24T23:00"),
        ("2026-11-28T21:00", "U3", "2026-11-30T08:00"),  # Saturday night
        ("2026-11-29T12:00", "U3", "2026-11-30T08:00"),  # Sunday
        ("2026-12-25T12:00", "U2", "2026-12-26T08:00"),
        ("2026-12-24T21:00", "U2", "2026-12-26T08:00"),
        ("2026-03-28T21:00", "U3", "2026-03-30T08:00"),  # the clocks change that Sunday
    ],
)
def test_quiet_hours(at, urgency, want):
    paris = ZoneInfo("Europe/Paris")
    begins = datetime.fromisoformat(at).replace(tzinfo=paris)
    found = quiet_hours.next_allowed(begins, urgency, {date(2026, 12, 25)})
    assert found == datetime.fromisoformat(want).replace(tzinfo=paris)


def test_numbers_have_one_form():
    for written in ("06 39 98 12 34", "0639981234", "+33 6 39 98 12 34", "0033639981234"):
        assert phones.to_e164(written) == NUMBER
    assert phones.to_e164("12") == phones.to_e164("abc") == ""
    assert phones.takes_sms(NUMBER)
    assert not phones.takes_sms("02 40 12 34 56")
