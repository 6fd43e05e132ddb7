"""Messages of every kind that the provider documents, its alerts, and receipts of other tools."""

import json
from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader

from portal.dev import phonecatcher
from requests.attachments import inbound_files
from requests.channels.models import Intake
from requests.channels.provider_codes import MESSAGING, SMS, Fate
from requests.claims.models import Claim
from requests.notifications.models import Delivery, FailingAddress
from tests.factories import category
from tests.requests.channels import packs
from tests.requests.fixtures.whatsapp import (
    ALWAYS,
    NUMBER,
    came_in,
    envelope,
    message,
    post,
    provider,
    read,
)

pytestmark = pytest.mark.long

__all__ = ["provider", "read"]


@pytest.fixture
def chat(landlord, provider, read, clock):
    category("ADM-14", "A1", "crc")
    provider.spoke[NUMBER] = ALWAYS
    assert post(envelope(message("1", body="La lumière du hall ne marche plus"))).status_code == 200
    read()
    clock.forward(seconds=1)
    return Claim.objects.system("test").get(channel="social")


@pytest.fixture
def say(chat, read, clock):
    """Send one message of a kind; returns its words in the conversation."""

    def send(kind: str, **inside) -> str:
        clock.forward(seconds=1)
        assert post(envelope(message(f"of-{kind}", kind, **inside))).status_code == 200
        read()
        return came_in(chat)[-1]

    return send


def test_a_card_of_somebody_is_read(say):
    card = {
        "name": {"formatted_name": "Jean Le Gall"},
        "org": {"company": "Plomberie du Port"},
        "phones": [{"phone": "+33 6 39 98 77 66", "type": "CELL"}],
        "emails": [{"email": "jean@port.example"}],
        "addresses": [{"street": "1 quai de la Fosse", "zip": "44000", "city": "Nantes"}],
    }
    text = say("contacts", contacts=[card, {"name": {"first_name": "Awa"}}])
    assert "Jean Le Gall, Plomberie du Port, +33 6 39 98 77 66, jean@port.example" in text
    assert "1 quai de la Fosse 44000 Nantes" in text
    assert text.splitlines()[1].endswith("Awa")


def test_a_filled_form_is_read_without_the_providers_marks(say):
    answers = {
        "flow_token": "secret",
        "screen_0_Nature_du_problème_0": "0_Fuite_d'eau",
        "screen_1_Pièces_1": ["Cuisine", "Salle de bain"],
        "screen_2_Vide_2": "",
    }
    form = {"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent"}}
    form["nfm_reply"]["response_json"] = json.dumps(answers)
    text = say("interactive", interactive=form)
    assert "secret" not in text
    assert text.splitlines() == [
        "Nature du problème\u00a0: Fuite_d'eau",
        "Pièces\u00a0: Cuisine, Salle de bain",
    ]


@pytest.mark.parametrize("broken", ["{", "[1]", '"x"', ""])
def test_a_form_that_cannot_be_read_shows_what_the_person_saw(say, broken):
    form = {"type": "nfm_reply", "nfm_reply": {"body": "Envoyé", "response_json": broken}}
    assert say("interactive", interactive=form) == "Envoyé"


def test_a_choice_of_a_list_comes_with_its_description(say):
    chosen = {"type": "list_reply", "list_reply": {"title": "Mardi", "description": "8 h à 10 h"}}
    assert say("interactive", interactive=chosen) == "Mardi\n8 h à 10 h"


def test_an_edit_comes_as_a_correction_and_what_was_read_stays(say, chat):
    changed = {"type": "text", "text": {"body": "Au 3e étage, pas au 2e"}}
    text = say("edit", edit={"original_message_id": "wamid.1", "message": changed})
    assert text.endswith("Au 3e étage, pas au 2e")
    assert text != "Au 3e étage, pas au 2e"
    assert came_in(chat)[0] == "La lumière du hall ne marche plus"


def test_a_deleted_message_is_told_and_asks_nothing(say, chat, provider):
    sent = len(provider.posts)
    assert "supprimé" in say("revoke", revoke={"original_message_id": "wamid.1"})
    assert len(provider.posts) == sent


def alert(field: str, at: int = 1, **value) -> bytes:
    changes = [{"field": field, "value": value}]
    entry = {"id": "1", "time": at, "changes": changes}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


TELLING = (
    ("message_template_status_update", {"event": "PAUSED", "message_template_name": "palier_news"}),
    ("message_template_status_update", {"event": "REJECTED", "reason": "INVALID_FORMAT"}),
    ("message_template_quality_update", {"new_quality_score": "RED"}),
    ("phone_number_quality_update", {"event": "DOWNGRADE", "current_limit": "TIER_250"}),
    (
        "account_update",
        {"event": "ACCOUNT_RESTRICTION", "restriction_info": [{"restriction_type": "X"}]},
    ),
    ("account_update", {"event": "SOMETHING_NEW"}),
    ("account_review_update", {"decision": "REJECTED"}),
    ("account_alerts", {"alert_severity": "CRITICAL", "alert_type": "OBA_REJECTED"}),
)
QUIET = (
    ("message_template_status_update", {"event": "APPROVED"}),
    ("phone_number_quality_update", {"event": "UPGRADE"}),
    ("account_review_update", {"decision": "APPROVED"}),
    ("account_alerts", {"alert_severity": "INFORMATIONAL"}),
    ("user_preferences", {"user_preferences": [{"wa_id": "1", "value": "stop"}]}),
    ("something_new", {"x": 1}),
)


@pytest.mark.parametrize(("field", "value"), TELLING)
def test_an_alert_that_asks_for_something_waits_for_a_person(
    landlord, provider, read, field, value
):
    for at in (1, 1, 2):  # the provider repeats; a second alert is another
        assert post(alert(field, at, **value)).status_code == 200
    read()
    rows = list(Intake.unscoped.all())
    assert [row.state for row in rows] == ["failed", "failed"]
    assert all(row.subject and row.text and row.error for row in rows)


@pytest.mark.parametrize(("field", "value"), QUIET)
def test_news_that_ask_nothing_are_kept_aside(landlord, provider, read, field, value):
    assert post(alert(field, **value)).status_code == 200
    read()
    assert [row.state for row in Intake.unscoped.all()] == ["discarded"]


def receipts(mark: str | None, count: int = 3, number_id: str = phonecatcher.NUMBER_ID) -> bytes:
    rows = [
        {"id": "wamid.other", "status": state, "biz_opaque_callback_data": mark}
        for state in ("sent", "delivered", "read")[:count]
    ]
    if mark is None:
        rows = [{name: row[name] for name in ("id", "status")} for row in rows]
    body = phonecatcher.envelope(statuses=rows).decode()
    return body.replace(f'"{phonecatcher.NUMBER_ID}"', f'"{number_id}"').encode()


def test_receipts_of_another_tool_fill_nothing(chat, provider, read, clock):
    before = Intake.unscoped.count()
    post(receipts("crm-campaign-7"))
    post(receipts(None, number_id="999"))
    assert Intake.unscoped.count() == before
    post(receipts(None))  # nothing says whose: perhaps ours, whose number is not written yet
    read()
    assert Intake.unscoped.filter(state="new").count() == 3
    clock.forward(minutes=6)
    read()
    assert Intake.unscoped.filter(state="failed").count() == 0
    assert Intake.unscoped.filter(state="discarded").count() == 3


@pytest.mark.parametrize(
    ("code", "state", "failing"),
    [
        (131026, "failed_permanent", True),
        (131050, "failed_permanent", False),
        (131049, "failed_permanent", False),
        (132001, "failed_permanent", False),
        (131042, "failed_permanent", False),
        (131031, "failed_permanent", False),
        (130429, "failed_temporary", False),
        (131000, "failed_temporary", False),
        (99999, "failed_temporary", False),
    ],
)
def test_a_late_failure_means_what_the_same_code_means_at_once(chat, read, code, state, failing):
    delivery = Delivery.unscoped.get()
    told = {"id": "wamid.x", "status": "failed", "errors": [{"code": code}]}
    told["biz_opaque_callback_data"] = delivery.pk.hex
    post(phonecatcher.envelope(statuses=[told]))
    read()
    delivery.refresh_from_db()
    assert delivery.state == state
    assert (delivery.reason == "reputation") is (code in MESSAGING.reputation)
    assert FailingAddress.unscoped.filter(channel="social").exists() is failing


@pytest.mark.parametrize("codes", [MESSAGING, SMS], ids=["messaging", "sms"])
def test_each_code_means_one_thing(codes):
    sets = [codes.hard, codes.lost, codes.reputation, codes.soft]
    assert sum(map(len, sets)) == len(frozenset.union(*sets))
    assert {codes.fate(code) for code in codes.soft} == {Fate.SOFT}
    assert codes.fate(None) == Fate.SOFT


@pytest.mark.parametrize(
    ("kind", "how", "content_type"),
    [
        ("GIF", {}, "image/jpeg"),
        ("TIFF", {}, "image/jpeg"),
        ("TIFF", {"compression": "tiff_lzw"}, "image/jpeg"),
        ("TIFF", {"save_all": True, "append_images": [1, 2]}, "application/pdf"),
    ],
)
def test_a_picture_of_an_old_kind_is_shown_and_a_fax_is_a_pdf(kind, how, content_type):
    if "append_images" in how:
        how = how | {"append_images": [Image.new("1", (60, 40)) for _page in how["append_images"]]}
    found = inbound_files.clean("scan.bin", packs.picture(kind, **how))
    fax = content_type == "application/pdf"
    assert found.content_type == content_type
    assert (found.width, found.height) == ((None, None) if fax else (60, 40))
    assert found.name == ("scan.pdf" if fax else "scan.jpg")
    if fax:
        assert len(PdfReader(BytesIO(found.data)).pages) == 3
