"""Test figures: counts, none under ten, their claims, who looked, annotations, CSV."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks import statements
from portal.access import Role
from portal.clock import now
from portal.export import safe
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.figures.models import Annotation, FigureView
from requests.promises.models import Promise
from tests.requests.fixtures.desk import make_claim, make_unit, member

pytestmark = pytest.mark.django_db
OVERVIEW = "/head-office/"
CLAIMS = "/head-office/claims/"


@pytest.fixture
def north():
    """Return an agency with twelve late claims."""
    unit, desk, residence = make_unit("nord")
    for _number in range(12):
        make_claim(desk, residence, promise_at=now() - timedelta(hours=1))
    return unit


@pytest.fixture
def head(client):
    siege = make_unit("siege", "head_office")[0]
    member(client, siege, Role.HEAD_OFFICE)
    return client


def rows(answer) -> dict:
    return {line["row"].unit.code: line["row"] for line in answer.context["table"]}


def told(claim, *names: str) -> None:
    for name in names:
        ClaimEvent.unscoped.create(claim=claim, name=name, at=now(), state="done")


def test_figures_and_their_claims(head, north):
    south = make_unit("sud")
    for _number in range(9):
        make_claim(south[1], south[2])
    with CaptureQueriesContext(connection) as seen:
        answer = head.get(OVERVIEW)
    assert len(seen) <= statements.OVERVIEW, [q["sql"][:90] for q in seen]
    assert list(rows(answer)) == ["nord", "siege", "sud"]
    assert rows(answer)["nord"].counts["late"] == 12
    assert rows(answer)["sud"].counts["received"] is None
    assert [line["row"].unit.code for line in answer.context["late"]] == ["nord"]
    listed = head.get(CLAIMS, {"unit": "nord", "figure": "late"})
    assert listed.context["page_obj"].paginator.count == 12


def promised(claim, due, **dates) -> None:
    Promise.objects.create(
        claim=claim,
        kind="resolution",
        starts_at=due - timedelta(days=9),
        made_at=due - timedelta(days=9),
        due_at=due,
        urgency=claim.urgency,
        **dates,
    )


def test_promises_not_kept_are_counted_whatever_came_after(head, north):
    due = now() - timedelta(days=2)
    before, after = due - timedelta(hours=1), due + timedelta(hours=1)
    outcomes = [{}, {"kept_at": after}, {"ended_at": after}]
    kept = [{"kept_at": before}, {"ended_at": before}]
    claims = list(Claim.objects.system("test").order_by("pk"))
    for number, claim in enumerate(claims):
        promised(claim, due, **outcomes[number % 3])
    assert rows(head.get(OVERVIEW))["nord"].counts["broken"] == 12
    listed = head.get(CLAIMS, {"unit": "nord", "figure": "broken"})
    assert listed.context["page_obj"].paginator.count == 12
    Promise.objects.all().delete()
    for number, claim in enumerate(claims):
        promised(claim, due, **kept[number % 2])
    assert rows(head.get(OVERVIEW))["nord"].counts["broken"] is None
    Promise.objects.all().delete()
    for claim in claims:
        promised(claim, now() + timedelta(days=1))  # due later
    assert rows(head.get(OVERVIEW))["nord"].counts["broken"] is None
    Promise.objects.all().delete()
    for claim in claims:
        promised(claim, now() - timedelta(days=200))  # before the period
    assert rows(head.get(OVERVIEW))["nord"].counts["broken"] is None


def test_the_number_of_queries_does_not_grow(head, north):
    with CaptureQueriesContext(connection) as few:
        head.get(OVERVIEW)
    for code in ("a", "b", "c"):
        unit, desk, residence = make_unit(code)
        for _number in range(11):
            make_claim(desk, residence)
        Annotation.objects.create(unit=unit, text="bâti de 1962", at=now())
    with CaptureQueriesContext(connection) as many:
        head.get(OVERVIEW)
    assert len(many) == len(few)


@pytest.mark.parametrize(
    "figure", ["received", "open", "late", "broken", "closed", "reopened", "fixed"]
)
def test_under_ten_nothing_is_opened_even_when_typed(head, figure):
    _unit, desk, residence = make_unit("sud")
    claim = make_claim(desk, residence, promise_at=now() - timedelta(hours=1))
    answer = head.get(CLAIMS, {"unit": "sud", "figure": figure})
    assert answer.status_code == 403
    assert claim.reference not in answer.content.decode()
    assert "page_obj" not in answer.context


def test_a_manager_is_refused_under_ten_as_well(client):
    unit, desk, residence = make_unit("sud")
    make_claim(desk, residence)
    member(client, unit, Role.AGENCY_MANAGER)
    assert client.get(CLAIMS, {"unit": "sud", "figure": "open"}).status_code == 403


def test_one_channel_of_a_figure(head, north):
    Claim.objects.system("test").update(channel="phone")
    assert rows(head.get(OVERVIEW))["nord"].channels == [("phone", 100)]
    query = {"unit": "nord", "figure": "received", "channel": "phone"}
    assert head.get(CLAIMS, query).context["page_obj"].paginator.count == 12
    assert head.get(CLAIMS, query | {"channel": "web"}).status_code == 403
    assert head.get(CLAIMS, query | {"channel": "pigeon"}).status_code == 404


def test_said_fixed_counts_silence_and_waits_for_ten_answers(head, north):
    claims = list(Claim.objects.system("test"))
    for claim in claims:
        told(claim, Event.REPORT_DONE)
    for claim in claims[:9]:
        told(claim, Event.SAY_FIXED)
    assert rows(head.get(OVERVIEW))["nord"].said_fixed is None
    told(claims[9], Event.SAY_NOT_FIXED)
    row = rows(head.get(OVERVIEW))["nord"]
    assert row.said_fixed == 75  # nine of the twelve who were asked
    assert row.no_answer is None  # two: under ten


def test_median_of_ten_closed_claims(client):
    unit, desk, residence = make_unit("nord")
    for days in range(11):
        claim = make_claim(desk, residence)
        Claim.objects.system("test").filter(pk=claim.pk).update(
            state="closed", filed_at=now() - timedelta(days=days), ended_at=now()
        )
    member(client, unit, Role.AGENCY_MANAGER)
    table = client.get(OVERVIEW).context["table"]
    assert table[0]["row"].median_days == 5.0


def test_a_period_of_ones_own(head, north):
    long_ago = now() - timedelta(days=800)
    Claim.objects.system("test").update(filed_at=long_ago)
    first, last = long_ago - timedelta(days=2), long_ago + timedelta(days=2)
    query = {"days": "own", "since": f"{first:%Y-%m-%d}", "until": f"{last:%Y-%m-%d}"}
    assert rows(head.get(OVERVIEW))["nord"].counts["received"] is None
    answer = head.get(OVERVIEW, query)
    assert rows(answer)["nord"].counts["received"] == 12
    link = next(c["url"] for c in answer.context["table"][0]["cells"] if c["value"] == 12)
    assert head.get(link).context["page_obj"].paginator.count == 12


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"days": "own", "since": "2025-03-02", "until": "2025-03-01"}, "until"),
        ({"days": "own", "until": "2025-03-01"}, "since"),
        ({"days": "own", "since": "mars", "until": "2025-03-01"}, "since"),
        ({"days": "own", "since": "2999-01-01", "until": "2999-01-02"}, "since"),
        ({"days": "7"}, "days"),
    ],
)
def test_a_wrong_period_says_so_and_keeps_what_was_typed(head, query, field):
    answer = head.get(OVERVIEW, query)
    assert answer.status_code == 422
    assert field in answer.context["filters"].errors
    for name, value in query.items():
        assert answer.context["filters"][name].value() == value


def test_a_manager_sees_their_own_unit_and_an_agent_nothing(client):
    unit, other = make_unit("nord")[0], make_unit("sud")
    for _number in range(10):
        make_claim(other[1], other[2])
    member(client, unit, Role.AGENCY_MANAGER)
    table = client.get(OVERVIEW).context["table"]
    assert [line["row"].unit for line in table] == [unit]
    assert client.get(CLAIMS, {"unit": "sud"}).status_code == 403
    member(client, unit)
    assert client.get(reverse("head_office:overview")).status_code == 403
    assert client.get(OVERVIEW).status_code == 403


def test_the_agency_speaks_beside_its_figure(client, north):
    member(client, north, Role.AGENCY_MANAGER)
    wrong = client.post(reverse("head_office:annotate"), {"figure": "late", "text": ""})
    assert wrong.status_code == 422
    words = {"figure": "late", "text": "deux postes vacants"}
    client.post(reverse("head_office:annotate"), {**words, "text": "un poste vacant"})
    client.post(reverse("head_office:annotate"), words)
    member(client, make_unit("siege", "head_office")[0], Role.HEAD_OFFICE)
    page = client.get(OVERVIEW)
    assert [note["text"] for note in rows(page)["nord"].notes] == ["deux postes vacants"]
    assert "deux postes vacants" in page.content.decode()
    assert "deux postes vacants" in client.get(reverse("head_office:csv")).content.decode()
    assert client.post(reverse("head_office:annotate"), words).status_code == 403


def test_words_are_withdrawn_by_their_own_unit_only(client, north):
    note = Annotation.objects.create(unit=north, text="bâti de 1962", at=now())
    path = reverse("head_office:withdraw", args=[note.pk])
    member(client, make_unit("sud")[0], Role.AGENCY_MANAGER)
    assert client.post(path).status_code == 404
    member(client, north, Role.AGENCY_MANAGER)
    assert client.post(path).status_code == 302
    assert rows(client.get(OVERVIEW))["nord"].notes == []


def test_an_empty_annotation_is_refused_by_the_database(north):
    with pytest.raises(IntegrityError), transaction.atomic():
        Annotation.objects.create(unit=north, text="", at=now())


def test_the_agency_knows_who_looked(client, north):
    other = make_unit("sud")[0]
    member(client, make_unit("siege", "head_office")[0], Role.HEAD_OFFICE)
    client.get(OVERVIEW)
    client.get(CLAIMS, {"unit": "sud", "figure": "open"})
    client.get(reverse("head_office:csv"))
    assert FigureView.objects.count() == 3
    member(client, north, Role.AGENCY_MANAGER)
    assert len(client.get(OVERVIEW).context["mine"].looks) == 2
    member(client, other, Role.AGENCY_MANAGER)
    assert len(client.get(OVERVIEW).context["mine"].looks) == 3


def test_the_csv_hides_what_the_page_hides(head, north):
    south = make_unit("sud")
    make_claim(south[1], south[2])
    Annotation.objects.create(unit=north, text="=1+1", at=now())
    text = head.get(reverse("head_office:csv")).content.decode("utf-8-sig")
    assert '"Sud";"<10";"<10"' in text
    assert '"Nord";"12";"12";"12";"<10"' in text
    assert '"=1+1' not in text


@pytest.mark.parametrize("start", "=+-@")
def test_no_cell_is_a_formula(start):
    assert safe(start + "1") == "'" + start + "1"
