"""A confidential claim is its author's alone, and what its page says of its readers is so."""

import pytest
from django.test import Client
from django.utils.timezone import localdate

from agencies.models import Membership, Unit
from portal.clock import now
from requests.claims.models import Claim
from requests.filing.actions import Filing
from requests.household.readers import readers_of, sentences
from requests.teamwork.models import Help, LentClaim
from tests import factories
from tests.requests.api.conftest import Caller
from tests.requests.household.conftest import WORDS, file_leak, fresh
from tests.requests.views.household import seen_anywhere, signed_in

pytestmark = pytest.mark.long


@pytest.fixture
def agent(landlord) -> Membership:
    return factories.member(landlord["north"], "agent")


def readers(people, claim) -> set[str]:
    return {name for name, who in people.items() if seen_anywhere(who, claim)}


def test_filed_in_confidence_by_the_web_form(people):
    shared = file_leak(people["author"])
    private = file_leak(people["author"], confidential=True)
    assert readers(people, shared) == {"author", "joint", "occupant"}
    assert readers(people, private) == {"author"}
    for name in ("joint", "occupant"):
        client, caller = signed_in(people[name]), Caller(people[name].user)
        for path in ("", "print/", "qr/", "complain/"):
            assert client.get(f"/my/{private.pk}/{path}").status_code == 404
        for path in ("write/", "do/withdraw/", "confidential/", "link/new/", "link/close/"):
            assert client.post(f"/my/{private.pk}/{path}", {"text": "x"}).status_code == 404
        assert caller.post(f"claims/{private.pk}/comments/", {"text": "x"}).status_code == 404
        body = {"confidential": False}
        assert caller.post(f"claims/{private.pk}/confidential/", body).status_code == 404
        found = client.get(f"/my/?q={WORDS}").context["page_obj"]
        assert [claim.pk for claim in found] == [shared.pk]
    assert fresh(private).confidential


def test_made_confidential_afterwards_and_shared_again(people, agent):
    claim, author = file_leak(people["author"]), signed_in(people["author"])
    author.post(f"/my/{claim.pk}/confidential/", {"confidential": "yes"})
    assert readers(people, claim) == {"author"}
    assert "field_confidential" not in author.get(f"/my/{claim.pk}/").content.decode()
    author.post(f"/my/{claim.pk}/confidential/", {"confidential": "no"})
    assert readers(people, claim) == {"author", "joint", "occupant"}
    Client().post(f"/s/{claim.token}/confidential/", {"confidential": "yes"})
    assert readers(people, claim) == {"author"}
    Caller(people["author"].user).post(f"claims/{claim.pk}/confidential/", {"confidential": False})
    assert readers(people, claim) == {"author", "joint", "occupant"}
    staff = Client()
    staff.force_login(agent.user)
    staff.post(f"/agency/{claim.pk}/confidential/", {"confidential": "yes"})
    assert readers(people, claim) == {"author"}
    names = list(claim.events.filter(name__contains="confidential").values_list("name", flat=True))
    assert names == ["made_confidential"] * 3


@pytest.mark.parametrize("name", ["joint", "occupant"])
def test_nobody_else_at_home_changes_it(people, name):
    claim = file_leak(people["author"])
    path = f"/my/{claim.pk}/confidential/"
    assert signed_in(people[name]).post(path, {"confidential": "yes"}).status_code == 404
    body = {"confidential": True}
    answer = Caller(people[name].user).post(f"claims/{claim.pk}/confidential/", body)
    assert answer.status_code == 404
    assert not fresh(claim).confidential


def test_filed_in_confidence_by_the_api(people):
    body = {"category": "PLO-03", "words": WORDS, "confidential": True}
    made = Caller(people["author"].user).post("claims/", body).json()
    assert made["confidential"] is True
    claim = Claim.objects.system("test").get(pk=made["id"])
    assert readers(people, claim) == {"author"}


def test_a_filing_without_the_choice_keeps_its_digest():
    """A key used before the choice existed still names the same content."""
    plain = Filing(channel="web", key="k", category="PLO-03", words="x")
    assert plain.digest() != Filing("web", "k", "PLO-03", "x", confidential=True).digest()
    known = "cbfad48973d17f4c27ec0d9354a4a5eadd29d0ff3c9f72e18bdbb72649c48207"
    assert plain.digest() == known


# What the page says is what the querysets allow.


def really_at_home(people, claim) -> set[str]:
    return {who.first_name for name, who in people.items() if seen_anywhere(who, claim)} - {"Awa"}


def units_that_read(claim) -> set[str]:
    """The units whose agents open the claim, by asking as each of them."""
    found = set()
    for unit in Unit.objects.exclude(kind=Unit.Kind.HEAD_OFFICE):
        member = Membership(unit=unit, role="agent")
        if Claim.objects.visible_to(member).filter(pk=claim.pk).exists():
            found.add(str(unit))
    return found


def lend(claim: Claim, helper: Unit, agent: Membership) -> None:
    help_ = Help.objects.create(
        desk=claim.owner,
        helper=helper,
        number=1,
        until=now().replace(year=now().year + 1),
        state=Help.State.ACCEPTED,
        asked_by=agent.user,
        asked_at=now(),
        answered_by=agent.user,
        answered_at=now(),
    )
    LentClaim.objects.create(help=help_, claim=claim)


@pytest.mark.parametrize("confidential", [False, True])
@pytest.mark.parametrize("lent", [False, True])
def test_the_page_names_whom_the_querysets_let_read(people, landlord, agent, confidential, lent):
    claim = file_leak(people["author"], confidential=confidential)
    proxy = factories.account("proxy@example.test")
    factories.mandate(people["author"], proxy)
    if lent:
        lend(claim, landlord["south"], agent)
    page = signed_in(people["author"]).get(f"/my/{claim.pk}/")
    told = "\n".join(page.context["readers"])
    home = really_at_home(people, claim)
    assert home == (set() if confidential else {"Ben", "Léa"})
    assert {name for name in ("Ben", "Léa") if name in told} == home
    assert ("personne d’autre que vous" in told) is (not home)
    held = Claim.objects.of_proxy(proxy, localdate()).filter(pk=claim.pk).exists()
    assert held is not confidential
    assert ("Inès Morel" in told) is held
    units = units_that_read(claim)
    assert units == ({"Nord", "Sud"} if lent and not confidential else {"Nord"})
    assert {str(unit) for unit in Unit.objects.all() if f" {unit}," in told} == units
    caretaker = factories.caretaker(landlord["north"])
    seen = Claim.objects.for_caretaker(caretaker).filter(pk=claim.pk).exists()
    assert readers_of(claim, now()).caretakers is seen is (not confidential)
    for role in ("head_office", "call_taker", "on_call"):
        member = Membership(unit=landlord["head"], role=role)
        assert Claim.objects.visible_to(member).filter(pk=claim.pk).exists()
    assert all(words in told for words in ("siège", "centre de relation", "astreinte"))


def test_the_page_by_link_names_nobody(people):
    claim = file_leak(people["author"])
    page = Client().get(f"/s/{claim.token}/")
    assert "vous et 2 autres personnes" in "\n".join(page.context["readers"])
    for name in ("Ben", "Léa", "Traoré"):
        assert name not in page.content.decode()


def test_the_home_is_not_told_who_reads(people):
    claim = file_leak(people["author"])
    page = signed_in(people["joint"]).get(f"/my/{claim.pk}/")
    assert "readers" not in page.context
    assert Caller(people["joint"].user).get(f"claims/{claim.pk}/").json()["readers"] == []
    told = Caller(people["author"].user).get(f"claims/{claim.pk}/").json()["readers"]
    assert len(told) == len(sentences(claim, now(), named=True))


def test_staff_read_who_reads_beside_the_claim(people, agent):
    claim = file_leak(people["author"], confidential=True)
    client = Client()
    client.force_login(agent.user)
    page = client.get(f"/agency/{claim.pk}/").content.decode()
    assert "Dans le logement\N{NO-BREAK SPACE}: l’auteur seul." in page
