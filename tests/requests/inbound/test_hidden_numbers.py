"""Who hides their number from a messaging provider is heard and answered by their account.

The shape is that of the provider's business-scoped user ids, in webhooks since April 2026.
"""

from datetime import timedelta

import pytest

from portal import phones
from portal.dev import phonecatcher
from requests.channels.models import Intake
from requests.claims.models import Claim
from requests.notifications.contact_routes import contact_routes
from requests.notifications.models import Delivery
from tests.factories import category
from tests.requests.fixtures.whatsapp import (
    ALWAYS,
    NUMBER,
    came_in,
    message,
    post,
    provider,
    read,
)

pytestmark = pytest.mark.long

__all__ = ["provider", "read"]

ACCOUNT = "FR.13491208655302741918"


@pytest.fixture(autouse=True)
def house(landlord, provider):
    category("ADM-14", "A1", "crc")
    provider.spoke[ACCOUNT] = provider.spoke[NUMBER] = ALWAYS


def send(number: str, body: str, *, sender: str = "", account: str = ACCOUNT, **more) -> None:
    """Post a text as the provider does: by number, by account, or by both."""
    row = message(number, body=body, **more)
    contact = {"profile": {"name": "Awa", "username": "awa44"}}
    row.pop("from")
    if sender:
        row["from"] = contact["wa_id"] = sender.lstrip("+")
    if account:
        row["from_user_id"] = contact["user_id"] = account
    body = phonecatcher.envelope(messages=[row], contacts=[contact])
    assert post(body).status_code == 200


def claims():
    return Claim.objects.system("test")


@pytest.mark.weakness("number hidden")
def test_a_message_without_a_number_is_a_claim_and_is_answered(read, provider):
    send("1", "La lumière du hall ne marche plus")
    read()
    claim = claims().get(channel="social")
    assert (claim.contact_name, claim.contact_phone) == ("Awa", "")
    _path, sent = provider.posts[0]
    assert sent["recipient"] == ACCOUNT
    assert sent["recipient_type"] == "individual"
    assert "to" not in sent
    assert claim.reference in sent["text"]["body"].replace(" ", "")
    delivery = Delivery.unscoped.get()
    assert (delivery.channel, delivery.recipient, delivery.state) == ("social", ACCOUNT, "sent")
    assert phonecatcher.messages(provider.folder)[0].to == ACCOUNT


def test_the_next_message_joins_the_conversation(read, clock):
    send("1", "La lumière du hall ne marche plus")
    read()
    clock.forward(seconds=1)
    send("2", "C'est au 2e étage")
    read()
    claim = claims().get()
    assert came_in(claim) == ["La lumière du hall ne marche plus", "C'est au 2e étage"]
    assert claim.intakes.filter(belongs=True).count() == 2


def test_who_hides_the_number_later_stays_the_same_person(read, clock, provider):
    send("1", "La lumière du hall ne marche plus", sender=NUMBER)
    read()
    clock.forward(seconds=1)
    send("2", "Toujours rien")
    read()
    claim = claims().get()
    assert came_in(claim)[-1] == "Toujours rien"
    assert claim.contact_phone == NUMBER
    assert set(Intake.unscoped.values_list("sender", "account")) == {(NUMBER, ACCOUNT)}
    assert {sent["to"] for _path, sent in provider.posts} == {NUMBER.lstrip("+")}


def test_who_shows_the_number_later_stays_the_same_person(read, clock):
    send("1", "La lumière du hall ne marche plus")
    read()
    clock.forward(seconds=1)
    send("2", "Voici mon numéro", sender=NUMBER)
    read()
    assert came_in(claims().get())[-1] == "Voici mon numéro"
    assert Intake.unscoped.get(external_id="wamid.2").belongs


def test_another_account_joins_nobody_elses_conversation(read, clock):
    send("1", "La lumière du hall ne marche plus")
    read()
    clock.forward(seconds=1)
    send("2", "Ma porte grince", account="FR.777")
    read()
    assert claims().count() == 2


@pytest.mark.parametrize("named", [{"from": ACCOUNT}, {"from_parent_user_id": "FR.ENT.118"}])
def test_an_account_is_read_wherever_the_provider_writes_it(read, provider, named):
    row = {**message("1"), **named}
    if "from" not in named:
        row.pop("from")
    [account] = named.values()
    provider.spoke[account] = ALWAYS
    post(phonecatcher.envelope(messages=[row]))
    read()
    assert provider.posts[0][1]["recipient"] == account


def test_an_account_told_only_beside_the_message_is_read(read, provider):
    row = message("1")
    row.pop("from")
    post(phonecatcher.envelope(messages=[row], contacts=[{"user_id": ACCOUNT}]))
    read()
    assert provider.posts[0][1]["recipient"] == ACCOUNT


def test_a_message_of_nobody_waits_for_a_person(read, provider):
    row = message("1", body="La porte grince")
    row.pop("from")
    post(phonecatcher.envelope(messages=[row]))
    read()
    found = Intake.unscoped.get()
    assert (found.state, found.text) == ("failed", "La porte grince")
    assert not claims().exists()
    assert provider.posts == []


def test_a_danger_told_by_nobody_is_filed_at_once(read):
    row = message("1", body="Ça sent le gaz")
    row.pop("from")
    del row["id"]
    post(phonecatcher.envelope(messages=[row]))
    read()
    assert claims().get().urgency == "U0"


def test_a_flood_from_an_account_waits_for_a_person(read, clock):
    for number in range(12):
        clock.forward(seconds=1)
        send(str(number), f"Question {number}", context={"id": "wamid.unknown"})
        read()
        claims().update(state="withdrawn", ended_at=clock() - timedelta(days=400))
    assert claims().count() == 10
    assert Intake.unscoped.filter(state="failed").count() == 2


def test_an_account_is_never_taken_for_a_number(read):
    assert phones.to_e164("FR.612345678") == ""
    assert phones.national_format("FR.612345678") == "FR.612345678"
    send("1", "Bonjour", account="FR.612345678")
    read()
    routes = contact_routes(claims().get())
    assert [(way.channel, way.address) for way in routes] == [("social", "FR.612345678")]


def test_the_account_follows_its_claim_only(read):
    send("1", "La lumière du hall ne marche plus")
    send("2", "Ma porte grince", account="FR.777")
    read()
    ways = {c.words: [w.address for w in contact_routes(c)] for c in claims()}
    assert ways == {
        "La lumière du hall ne marche plus": [ACCOUNT],
        "Ma porte grince": ["FR.777"],
    }
