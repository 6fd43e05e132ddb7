"""Search, filters, views, bulk, presence, undo, corrections, files: each through its page."""

from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from agencies.models import Sector
from benchmarks import statements
from portal.actor import Actor
from portal.clock import now
from requests.attachments.models import Attachment
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.conversation import actions as conversation
from requests.inbox.context_panel import riser_column
from requests.inbox.models import Presence, SavedView
from requests.jobs import queue
from requests.jobs.models import Job
from tenants.models import ContactPoint, Lease, Occupancy, Tenant
from tests import factories
from tests.factories import pass_time
from tests.requests.fixtures.desk import make_claim, make_unit, member, url

pytestmark = [pytest.mark.long, pytest.mark.django_db]
INBOX = "/agency/"


def found(client, **query) -> list:
    return [c.pk for c in client.get(INBOX, query).context["page_obj"].object_list]


@pytest.mark.parametrize(
    "words", ["traore", "TRAORÉ", "traroe awa", "fuites", "coulee", "residence nord"]
)
def test_search_forgives_accents_endings_and_slips(client, place, words):
    claim = make_claim(place[1], place[2])
    make_claim(place[1], None, contact_name="Nguyen", words="froid")
    assert claim.pk in found(client, q=words)


def test_search_stays_within_what_one_may_see(client, place):
    _unit, desk, residence = make_unit("sud")
    make_claim(desk, residence, contact_name="Zoé Unique")
    assert found(client, q="unique") == []
    assert found(client, q="unicue") == []


def test_search_follows_a_new_place_and_person(client, place):
    claim = make_claim(place[1], place[2])
    claim.tenant = Tenant.objects.system("test").create(first_name="Bérénice", last_name="Löwe")
    claim.save()
    assert found(client, q="berenice") == [claim.pk]
    claim.tenant.last_name = "Martin"
    claim.tenant.save()
    assert found(client, q="berenice martin") == [claim.pk]
    assert found(client, q="lowe") == []


@pytest.mark.parametrize("query", [{}, {"q": "awa"}, {"q": "trarooe"}, {"view": "awaited"}])
def test_any_list_costs_few_statements(client, place, query):
    for number in range(3):
        make_claim(place[1], place[2], number)
    client.get(INBOX, query)  # each process counts once a day how many claims come
    with CaptureQueriesContext(connection) as few:
        client.get(INBOX, query)
    for number in range(48):
        make_claim(place[1], place[2], number)
    with CaptureQueriesContext(connection) as many:
        client.get(INBOX, query)
    # Words are looked up first; for a slip known words, then what is near them.
    most = statements.INBOX + {"awa": 1, "trarooe": 3}.get(query.get("q", ""), 0)
    assert len(many) == len(few) <= most, [q["sql"][:90] for q in many]


def test_groups_count_the_whole_view_and_chips_their_states(client, place):
    for _n in range(60):
        make_claim(place[1], place[2], promise_at=now() - timedelta(days=1))
    waiting = make_claim(place[1], place[2], state="waiting_tenant", number=3)
    asked = make_claim(place[1], place[2], state="in_review", number=30)
    conversation.from_tenant(claim=asked, text="Alors ?", actor=Actor.TENANT, now=now())
    make_claim(place[1], place[2], state="done")
    make_claim(place[1], place[2], state="closed")
    context = client.get(INBOX).context
    name, _label, number, items = context["groups"][0]
    assert (name, number, len(items)) == ("late", 60, 50)
    counts = [chip["count"] for chip in context["chips"]]
    assert counts == [61, 1, 1, 1, None, None]
    assert found(client, view="awaited") == [asked.pk]
    assert found(client, view="waiting") == [waiting.pk]


def test_what_we_wait_for_comes_back_once_its_promise_has_passed(client, place):
    late = make_claim(place[1], place[2], state="planned", promise_at=now() - timedelta(hours=1))
    assert found(client, view="todo") == [late.pk]
    assert found(client, view="waiting") == []


def test_empty_list_says_the_next_promise(client, place):
    at = timezone.localtime().replace(hour=16, minute=0, second=0) + timedelta(days=1)
    make_claim(place[1], place[2], state="planned", promise_at=at)
    assert "16" in client.get(INBOX).content.decode()
    assert client.get(INBOX).context["next_promise"] == at.replace(microsecond=at.microsecond)


def test_filters_and_hostile_ones(client, place):
    unit, desk, residence = place
    claim = make_claim(desk, residence, channel="phone")
    residence.sector = Sector.objects.create(unit=unit, name="Est")
    residence.save()
    other = make_claim(desk, None, urgency="U1")
    assert found(client, channel="phone") == [claim.pk]
    assert found(client, urgency="U1") == [other.pk]
    assert found(client, sector=residence.sector_id) == [claim.pk]
    assert len(found(client, desk=desk.pk, family="PLO", state="received")) == 2
    assert len(found(client, desk="x'", urgency="Z", state="nope", sector="9" * 40)) == 0
    assert client.get(INBOX, {"desk": "٣", "channel": "<"}).status_code == 200


def test_views_are_kept_shared_and_forgotten(client, place):
    save = reverse("agency:save_view")
    assert client.post(save + "?view=todo", {"name": ""}).status_code == 422
    client.post(save + "?view=todo&urgency=U1", {"name": "Urgences", "shared": "on"})
    client.post(save + "?view=todo&urgency=U2", {"name": "À moi"})
    member(client, place[0])
    shown = client.get(INBOX).context["saved"]
    assert [view["label"] for view in shown] == ["Urgences"]
    mine = SavedView.objects.get(name="Urgences").pk
    assert client.post(save, {"drop": mine}).status_code == 404
    assert SavedView.objects.count() == 2


def test_bulk_says_what_became_of_each_row(client, place):
    fresh = make_claim(place[1], place[2])
    moved = make_claim(place[1], place[2])
    ended = make_claim(place[1], place[2], state="closed")
    picks = [f"{fresh.pk}:1", f"{moved.pk}:7", f"{ended.pk}:1"]
    answer = client.post(reverse("agency:bulk"), {"what": "take_charge", "pick": picks})
    assert answer.status_code == 200
    assert len({str(text) for _claim, text in answer.context["results"]}) == 3
    fresh.refresh_from_db()
    assert fresh.state == "in_review"
    assert ClaimEvent.unscoped.filter(name=Event.TAKE_CHARGE).count() == 1
    nothing = client.post(reverse("agency:bulk"), {"what": "take_charge"})
    assert nothing.status_code == 422
    hand_over = {"what": "hand_over", "pick": picks}
    asks = client.post(reverse("agency:bulk"), hand_over)
    assert (asks.status_code, asks.context["bulk_picks"]) == (200, picks)
    lacking = client.post(reverse("agency:bulk"), {**hand_over, "go": "1"})
    assert lacking.status_code == 422
    assert set(lacking.context["form"].errors) == {"desk", "reason", "due"}
    closing = client.post(reverse("agency:bulk"), {"what": "close_unanswered", "pick": picks})
    assert closing.status_code == 404
    foreign = make_claim(*make_unit("sud")[1:])
    theirs = {"what": "take_charge", "pick": [f"{foreign.pk}:1"]}
    assert client.post(reverse("agency:bulk"), theirs).status_code == 404


def test_presence_shows_the_others_of_this_minute(client, place):
    claim = make_claim(place[1], place[2])
    assert client.get(url("here", claim)).status_code == 405
    client.post(url("here", claim))
    first = Presence.objects.get().user
    first.first_name = "Sonia"
    first.save()
    assert "Sonia" not in client.post(url("here", claim)).content.decode()
    member(client, place[0])
    assert "Sonia" in client.post(url("here", claim)).content.decode()
    Presence.objects.filter(user=first).update(seen_at=now() - timedelta(seconds=61))
    assert "Sonia" not in client.post(url("here", claim)).content.decode()
    assert not Presence.objects.filter(user=first).exists()


def test_a_message_that_arrived_meanwhile_keeps_the_reply(client, place):
    claim = make_claim(place[1], place[2])
    reply = {"kind": "out", "channel": "web", "text": "Nous venons demain.", "version": 1}
    conversation.from_tenant(
        claim=claim, text="C'est réparé, merci.", actor=Actor.TENANT, now=now()
    )
    answer = client.post(url("message", claim), reply)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Nous venons demain." in page
    assert "C&#x27;est réparé, merci." in page
    again = {**reply, "version": answer.context["reply"]["version"].value()}
    assert client.post(url("message", claim), again).status_code == 302
    assert Message.unscoped.filter(direction="out").count() == 1


def test_accepting_sends_the_words_shown_and_goes_to_the_next(client, place):
    first, second = (
        make_claim(place[1], place[2], n, contact_email="a@example.test") for n in (1, 2)
    )
    page = client.get(url("claim", first))
    assert page.context["proposal"].transition == "take_charge"
    shown = page.context["proposal_values"]
    answer = client.post(url("act", first, "take_charge"), {**shown, "next": page.context["next"]})
    assert answer.url.startswith(url("claim", second))
    sent = Message.unscoped.get(claim=first)
    assert sent.text == page.context["proposal"].text
    event = ClaimEvent.unscoped.get(claim=first, name=Event.TAKE_CHARGE)
    assert event.facts["text"] == sent.text
    toast = client.get(answer.url).context["toasts"][0]
    assert toast["undo"] == str(event.pk)
    back = client.post(reverse("agency:undo"), {"events": toast["undo"]})
    first.refresh_from_db()
    assert first.state == "received"
    assert not Job.objects.filter(key=str(event.pk)).exists()
    assert escape(sent.text) in client.get(back.url).content.decode()


def test_undo_is_for_ones_own_steps_only(client, place):
    claim = make_claim(place[1], place[2])
    client.post(url("act", claim, "take_charge"), {"version": 1})
    event = ClaimEvent.unscoped.get(name=Event.TAKE_CHARGE)
    member(client, place[0])
    assert client.post(reverse("agency:undo"), {"events": event.pk}).status_code == 404
    assert client.post(reverse("agency:undo"), {"events": "x,,9" + "9" * 30}).status_code == 404


def test_undo_too_late_says_so(client, place):
    claim = make_claim(place[1], place[2])
    client.post(url("act", claim, "take_charge"), {"version": 1})
    event = ClaimEvent.unscoped.get(name=Event.TAKE_CHARGE)
    Job.objects.exclude(key=str(event.pk)).delete()
    pass_time(seconds=31)
    assert queue.lease_due().key == str(event.pk)
    answer = client.post(reverse("agency:undo"), {"events": event.pk}, follow=True)
    claim.refresh_from_db()
    assert claim.state == "in_review"
    assert [t["level"] for t in answer.context["toasts"]] == ["success", "warning"]


def test_a_sensitive_word_is_confirmed_or_corrected(client, place):
    claim = make_claim(place[1], place[2])
    text = {"version": 1, "text": "Le joint est malade."}
    warned = client.post(url("act", claim, "answer"), text)
    assert warned.status_code == 422
    assert "Le joint est malade." in warned.content.decode()
    assert client.post(url("act", claim, "answer"), {**text, "sure": "on"}).status_code == 302


def test_a_planned_visit_has_its_hours_and_becomes_the_promise(client, place):
    claim = make_claim(place[1], place[2])
    plan = {"version": 1, "visit_at": "2099-01-05T08:00", "hours": "4", "text": ""}
    client.post(url("act", claim, "plan"), plan)
    claim.refresh_from_db()
    assert claim.visit_until - claim.visit_at == timedelta(hours=4)
    assert claim.promise_at == claim.visit_until
    client.post(
        url("act", claim, "inform"),
        {"version": 2, "promise_at": "2099-02-02T10:00", "text": "Pardon."},
    )
    claim.refresh_from_db()
    assert (claim.state, claim.promise_at.month) == ("planned", 2)


def test_a_call_is_noted_with_its_result(client, place):
    claim = make_claim(place[1], place[2])
    assert client.post(url("called", claim), {"note": "x"}).status_code == 422
    client.post(url("called", claim), {"outcome": "no_answer", "note": "Répondeur plein"})
    assert ClaimEvent.unscoped.get(name=Event.CALLED).facts["outcome"] == "no_answer"
    assert Message.unscoped.get().direction == "note"


@pytest.fixture
def house(client, landlord):
    """An agent of the north, a tenant at home, and their claim without place."""
    agent = factories.member(landlord["north"], "agent")
    client.force_login(agent.user)
    tenant = Tenant.objects.system("test").create(first_name="Awa", last_name="Traoré")
    ContactPoint.unscoped.create(tenant=tenant, kind="phone", value="+33612003456")
    lease = Lease.unscoped.create(
        dwelling=landlord["dwelling"], reference="B1", bill_code="X1", starts=date(2014, 1, 1)
    )
    Occupancy.unscoped.create(lease=lease, tenant=tenant, capacity="holder", starts=lease.starts)
    desk = landlord["north"].desks.get(kind="clientele")
    claim = make_claim(desk, None, category=landlord["leak"], contact_name="A. Traoré")
    return {**landlord, "agent": agent, "tenant": tenant, "claim": claim, "desk": desk}


def test_place_and_tenant_are_linked_within_ones_own_stock(client, house):
    claim = house["claim"]
    page = client.get(url("relocate", claim), {"q": "lin 12"})
    assert [home.pk for home in page.context["homes"]] == [house["dwelling"].pk]
    chosen = {"version": 1, "place": f"dwelling:{house['dwelling'].pk}"}
    assert client.post(url("relocate", claim), {**chosen, "version": 9}).status_code == 409
    client.post(url("relocate", claim), chosen)
    claim.refresh_from_db()
    assert (claim.dwelling, claim.owner.kind) == (house["dwelling"], "technical")
    found = client.get(url("identify", claim), {"q": "traore"}).context["people"]
    assert found == [house["tenant"]]
    client.post(url("identify", claim), {"version": 2, "tenant": house["tenant"].pk})
    claim.refresh_from_db()
    assert claim.tenant == house["tenant"]
    assert (
        client.post(url("relocate", claim), {"version": 3, "place": "dwelling:x"}).status_code
        == 404
    )


def test_records_of_people_and_homes_are_the_units_own(client, house):
    person = reverse("agency:tenant", args=[house["tenant"].pk])
    home = reverse("agency:dwelling", args=[house["dwelling"].pk])
    make_claim(
        house["desk"],
        None,
        category=house["leak"],
        tenant=house["tenant"],
        dwelling=house["dwelling"],
    )
    for page in (person, home):
        assert len(client.get(page).context["page_obj"].object_list) == 1
    client.force_login(factories.member(house["south"], "agent").user)
    assert [client.get(page).status_code for page in (person, home)] == [404, 404]


def test_context_shows_who_where_and_what_else(client, house):
    where = {"residence": house["dwelling"].staircase.building.residence}
    where |= {"building": house["dwelling"].staircase.building}
    where |= {"staircase": house["dwelling"].staircase, "category": house["leak"]}
    claim = make_claim(house["desk"], tenant=house["tenant"], dwelling=house["dwelling"], **where)
    upstairs = house["dwelling"].staircase.dwellings.create(natural_key="k2", door="22", floor=2)
    drip = make_claim(house["desk"], dwelling=upstairs, state="closed", ended_at=now(), **where)
    make_claim(house["desk"], dwelling=house["dwelling"], state="closed", ended_at=now(), **where)
    context = client.get(url("claim", claim)).context
    assert [c.pk for c in context["riser"]] == [drip.pk]
    assert context["ended_here"] == 1
    assert context["lease"].reference == "B1"
    assert riser_column(upstairs) == riser_column(house["dwelling"]) == "2"


def test_reclassifying_routes_again(client, house):
    claim = house["claim"]
    facts = {"version": 1, "category": "GAZ-01", "urgency": "", "reason": "Odeur de gaz"}
    client.post(url("act", claim, "reclassify"), facts)
    claim.refresh_from_db()
    assert (claim.category.code, claim.urgency) == ("GAZ-01", "U0")
    assert claim.owner.kind in {"on_call", "contact_centre"}
    event = ClaimEvent.unscoped.get(name=Event.RECLASSIFY)
    assert event.facts["was"] == "PLO-03"


def test_files_are_served_safely_to_those_who_see_the_claim(client, house, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    photo = Attachment(
        claim=house["claim"],
        kind="photo",
        channel="web",
        name="fuite.jpg",
        content_type="image/jpeg",
        size=4,
        sha256="x",
        at=now(),
    )
    photo.file.save("x", ContentFile(b"\xff\xd8\xff\xe0"))
    address = reverse("agency:file", args=[photo.pk])
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == b"\xff\xd8\xff\xe0"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none';")
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"].startswith("attachment")
    assert address in client.get(url("claim", house["claim"])).content.decode()
    client.force_login(factories.member(house["south"], "agent").user)
    assert client.get(address).status_code == 404
    Claim.objects.system("test").filter(pk=house["claim"].pk).update(owner=None)
    Attachment.unscoped.update(claim=None, session="s")
    client.force_login(house["agent"].user)
    assert client.get(address).status_code == 404
