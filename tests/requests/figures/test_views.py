"""Boards: what they count, the claims behind each mark, who sees what and when, what is kept."""

import io
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from agencies.models import Membership
from benchmarks import statements
from portal import windows
from portal.access import Role
from portal.clock import now
from portal.export import safe
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.figures import actions, upkeep
from requests.figures.models import Annotation, FigureView, SavedBoard
from requests.promises.models import Promise
from tests.requests.figures.boards import (
    AGENCY,
    CLAIMS,
    OLD,
    OVERVIEW,
    cards,
    claims_of_test,
    line,
    told,
)
from tests.requests.fixtures.desk import make_claim, make_unit, member

pytestmark = [pytest.mark.long, pytest.mark.django_db]


def test_small_numbers_of_an_agency_are_shown_and_open_their_claims(head, north):
    found = line(head.get(OVERVIEW), "Nord")
    assert found["Reçues"].value == 3
    assert found["En retard"].value == 3
    for name in ("Reçues", "En retard"):
        listed = head.get(found[name].href)
        assert listed.context["page_obj"].paginator.count == 3


def test_the_claims_behind_a_figure_come_in_windows(head, client, north, monkeypatch):
    """The latest first; those that left for another unit are counted, not shown."""
    first, second, third = claims_of_test()
    monkeypatch.setattr(windows, "MOST", 2)
    page = head.get(CLAIMS, {"measure": "received"})
    assert [row.pk for row in page.context["page_obj"]] == [third.pk, second.pk]
    assert "Plus de 1\u00a0000" in page.content.decode()
    behind = page.context["page_obj"].paginator.behind
    rest = head.get(CLAIMS, {"measure": "received", "from": behind})
    assert [row.pk for row in rest.context["page_obj"]] == [first.pk]
    _south, desk, residence = make_unit("sud")
    Claim.objects.system("test").filter(pk=second.pk).update(owner=desk, residence=residence)
    member(client, north, Role.AGENCY_MANAGER)
    page = client.get(CLAIMS, {"measure": "received"})
    assert [row.pk for row in page.context["page_obj"]] == [third.pk]
    assert page.context["hidden"] == 1


def test_a_zero_is_a_zero(head, north):
    make_unit("sud")
    found = line(head.get(OVERVIEW), "Sud")
    assert (found["Reçues"].shown, found["En retard"].shown) == ("0", "0")


def test_the_agency_sees_each_figure_three_days_before_head_office(client):
    unit, desk, residence = make_unit("nord")
    siege = make_unit("siege", "head_office")[0]
    make_claim(desk, residence, filed_at=now() - timedelta(days=2))
    upkeep.refresh(now=now())
    member(client, unit, Role.AGENCY_MANAGER)
    seen = client.get(CLAIMS, {"measure": "received"})
    assert seen.context["page_obj"].paginator.count == 1
    member(client, siege, Role.HEAD_OFFICE)
    assert line(client.get(OVERVIEW), "Nord")["Reçues"].value == 0
    assert client.get(CLAIMS, {"measure": "received"}).context["page_obj"].paginator.count == 0


def test_statements_do_not_grow_with_units_and_claims(head, north):
    with CaptureQueriesContext(connection) as few:
        head.get(OVERVIEW)
    assert len(few) <= statements.OVERVIEW, [q["sql"][:90] for q in few]
    for code in ("a", "b", "c"):
        unit, desk, residence = make_unit(code)
        for _number in range(4):
            make_claim(desk, residence, filed_at=now() - OLD)
        Annotation.objects.create(unit=unit, text="bâti de 1962", at=now())
    upkeep.refresh(now=now())
    with CaptureQueriesContext(connection) as many:
        head.get(OVERVIEW)
    assert len(many) == len(few)


def test_promises_kept_and_not(head, north):
    for number, claim in enumerate(claims_of_test()):
        due = now() - timedelta(days=5)
        Promise.objects.create(
            claim=claim,
            kind="resolution",
            starts_at=due,
            made_at=due,
            due_at=due,
            urgency="U3",
            kept_at=due - timedelta(hours=1) if number else due + timedelta(hours=1),
        )
    upkeep.refresh(now=now())
    found = line(head.get(OVERVIEW), "Nord")["Promesses tenues"]
    assert found.shown == "67\xa0%"
    assert head.get(found.href).context["page_obj"].paginator.count == 1


def test_silence_is_not_a_yes(head, north):
    first, second, third = claims_of_test()
    told(first, Event.REPORT_DONE, Event.SAY_FIXED)
    told(second, Event.REPORT_DONE, Event.SAY_NOT_FIXED)
    told(third, Event.ANSWER)
    upkeep.refresh(now=now())
    answer = head.get(OVERVIEW)
    assert line(answer, "Nord")["«\xa0Réparé\xa0»"].shown == "33\xa0%"
    row = cards(answer)["fixed"].table.rows[0]
    assert [cell.value for cell in row[1:5]] == [3, 1, 1, 1]
    assert "svg" in cards(answer)["fixed"].chart


def test_family_and_channel_narrow_every_figure(head, north):
    Claim.objects.system("test").filter(pk=claims_of_test()[0].pk).update(channel="letter")
    upkeep.refresh(now=now())
    assert line(head.get(OVERVIEW, {"channel": "letter"}), "Nord")["Reçues"].value == 1
    both = {"channel": "letter", "family": "PLO"}
    assert line(head.get(OVERVIEW, both), "Nord")["Reçues"].value == 1
    assert head.get(CLAIMS, both).context["page_obj"].paginator.count == 1
    assert head.get(CLAIMS, {"measure": "pigeon"}).status_code == 404


def test_the_period_shown_is_the_one_that_counts(head, north):
    for query in ({}, {"compare": "on"}, {"days": "365"}):
        answer = head.get(OVERVIEW, query)
        days = query.get("days", "90")
        assert f'<option value="{days}" selected' in answer.content.decode()


def test_a_period_of_ones_own(head, north):
    long_ago = now() - timedelta(days=800)
    Claim.objects.system("test").update(filed_at=long_ago)
    upkeep.refresh(now=now())
    first, last = long_ago - timedelta(days=2), long_ago + timedelta(days=2)
    query = {"days": "own", "since": f"{first:%Y-%m-%d}", "until": f"{last:%Y-%m-%d}"}
    assert line(head.get(OVERVIEW), "Nord")["Reçues"].value == 0
    found = line(head.get(OVERVIEW, query), "Nord")["Reçues"]
    assert found.value == 3
    assert head.get(found.href).context["page_obj"].paginator.count == 3


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"days": "own", "since": "2025-03-02", "until": "2025-03-01"}, "until"),
        ({"days": "own", "until": "2025-03-01"}, "since"),
        ({"days": "own", "since": "mars", "until": "2025-03-01"}, "since"),
        ({"days": "own", "since": "2999-01-01", "until": "2999-01-02"}, "since"),
        ({"days": "7"}, "days"),
        ({"family": "XYZ"}, "family"),
    ],
)
def test_a_wrong_choice_says_so_and_keeps_what_was_typed(head, query, field):
    answer = head.get(OVERVIEW, query)
    assert answer.status_code == 422
    assert field in answer.context["filters"].errors
    for name, value in query.items():
        assert answer.context["filters"][name].value() == value


@pytest.mark.parametrize("role", [Role.AGENT, Role.AGENCY_MANAGER])
def test_an_agency_sees_its_own_board_and_no_other(client, north, role):
    south = make_unit("sud")
    make_claim(south[1], south[2])
    upkeep.refresh(now=now())
    member(client, north, role)
    answer = client.get(AGENCY)
    assert answer.status_code == 200
    assert [row[1].value for row in cards(answer)["today"].table.rows] == [3, 0, 3]
    assert client.get(AGENCY, {"unit": "sud"}).status_code == 404
    assert client.get(CLAIMS, {"unit": "sud"}).status_code == 404
    listed = client.get(CLAIMS, {"measure": "received"})
    assert listed.context["page_obj"].paginator.count == 3


@pytest.mark.parametrize("role", [Role.CALL_TAKER, Role.ON_CALL])
def test_who_works_for_all_agencies_sees_all(client, north, role):
    siege = make_unit("siege", "head_office")[0]
    member(client, siege, role)
    assert client.get(AGENCY).status_code == 200
    assert client.get(AGENCY, {"unit": "nord"}).context["whose"] == "Nord"
    assert client.get(OVERVIEW).status_code == 403


def test_a_manager_finds_their_board_under_the_old_address(client, north):
    member(client, north, Role.AGENCY_MANAGER)
    assert client.get(OVERVIEW).url == AGENCY


def test_every_mark_opens_a_page(client, north):
    """No link of a board leads to an error, whatever stands behind it."""
    first, second, _third = claims_of_test()
    told(first, Event.REPORT_DONE, Event.SAY_FIXED)
    told(second, Event.REPORT_DONE, Event.SAY_NOT_FIXED)
    upkeep.refresh(now=now())
    member(client, north, Role.AGENCY_MANAGER)
    seen = set()
    for card in cards(client.get(AGENCY)).values():
        links = [piece.href for piece in card.says]
        links += [cell.href for row in card.table.rows for cell in row]
        links += [shape.href for shape in card.drawing.shapes] if card.drawing else []
        for link in {link for link in links if link} - seen:
            seen.add(link)
            if "measure=" in link and len(seen) < 60:
                assert client.get(link).status_code == 200, link
    assert len(seen) > 10


def test_the_agency_speaks_beside_its_figure(client, north):
    member(client, north, Role.AGENCY_MANAGER)
    wrong = client.post(reverse("figures:annotate"), {"figure": "late", "text": ""})
    assert wrong.status_code == 422
    words = {"figure": "line", "text": "deux postes vacants"}
    client.post(reverse("figures:annotate"), {**words, "text": "un poste vacant"})
    client.post(reverse("figures:annotate"), words)
    member(client, make_unit("siege", "head_office")[0], Role.HEAD_OFFICE)
    page = client.get(OVERVIEW)
    assert line(page, "Nord")["Ce que dit l’agence"].value == "deux postes vacants"
    assert "deux postes vacants" in page.content.decode()
    csv = client.get(reverse("figures:csv", args=["customers"])).content.decode()
    assert "deux postes vacants" in csv
    assert client.post(reverse("figures:annotate"), words).status_code == 403


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
def test_a_file_is_named_by_its_days(head, kind):
    days = {"since": "2026-10-01", "until": "2026-10-31"}
    answer = head.get(reverse(f"figures:{kind}", args=["customers"]), days)
    named = answer.headers["Content-Disposition"]
    assert f"palier-customers-2026-10-01-2026-10-31.{kind}" in named


def test_words_are_withdrawn_by_their_own_unit_only(client, north):
    note = Annotation.objects.create(unit=north, text="bâti de 1962", at=now())
    path = reverse("figures:withdraw", args=[note.pk])
    member(client, make_unit("sud")[0], Role.AGENCY_MANAGER)
    assert client.post(path).status_code == 404
    member(client, north, Role.AGENCY_MANAGER)
    assert client.post(path).status_code == 302
    assert client.get(AGENCY).context["place"].notes == []


def test_what_a_server_ahead_of_this_one_began_ends_all_the_same(north):
    """Two servers' clocks differ: the database would refuse an end before its beginning."""
    user = member(Client(), north, Role.AGENCY_MANAGER)
    note = Annotation.objects.create(unit=north, text="a", at=now() + timedelta(seconds=2))
    mine = Membership.objects.get(user=user)
    assert actions.withdraw(membership=mine, pk=note.pk, now=now())
    note.refresh_from_db()
    assert note.withdrawn_at == note.at


def test_an_empty_annotation_is_refused_by_the_database(north):
    with pytest.raises(IntegrityError), transaction.atomic():
        Annotation.objects.create(unit=north, text="", at=now())


def test_the_agency_knows_who_looked(client, north):
    other = make_unit("sud")[0]
    member(client, make_unit("siege", "head_office")[0], Role.HEAD_OFFICE)
    client.get(OVERVIEW)
    client.get(CLAIMS, {"unit": "sud", "measure": "received"})
    client.get(reverse("figures:csv", args=["customers"]))
    assert FigureView.objects.count() == 3
    member(client, north, Role.AGENCY_MANAGER)
    assert len(client.get(AGENCY).context["place"].looks) == 2
    member(client, other, Role.AGENCY_MANAGER)
    assert len(client.get(AGENCY).context["place"].looks) == 3


def test_exports_say_what_the_page_says(head, north):
    Annotation.objects.create(unit=north, text="=1+1", at=now())
    text = head.get(reverse("figures:csv", args=["customers"])).content.decode()
    assert text.startswith("\ufeff")
    assert '"3";"";"0"' in text  # came in, for 100 dwellings, dwellings
    assert '"=1+1' not in text
    book = load_workbook(io.BytesIO(head.get(reverse("figures:xlsx", args=["customers"])).content))
    board = head.get(OVERVIEW).context["board"]
    assert len(book.sheetnames) == 1 + len(board.cards)
    rows = list(book[book.sheetnames[1]].iter_rows(values_only=True))
    line = next(row for row in rows if row[0] == "Nord")
    assert (3, None, 0) in zip(line, line[1:], line[2:], strict=False)
    assert not [cell for row in rows for cell in row if str(cell).startswith("=")]
    document = head.get(reverse("figures:pdf", args=["customers"]))
    assert document.content.startswith(b"%PDF")
    assert head.get(reverse("figures:csv", args=["nothing"])).status_code == 404


def test_a_board_of_head_office_is_not_an_agencys_to_take_away(client, north):
    member(client, north, Role.AGENCY_MANAGER)
    for name in ("csv", "xlsx", "pdf"):
        assert client.get(reverse(f"figures:{name}", args=["customers"])).status_code == 404
    assert client.get(reverse("figures:csv", args=["agency"])).status_code == 200


@pytest.mark.parametrize("start", "=+-@")
def test_no_cell_is_a_formula(start):
    assert safe(start + "1") == "'" + start + "1"


def test_a_board_is_kept_found_and_dropped_by_its_owner(client, north):
    member(client, north)
    sent = {"board": "agency", "query": "days=365&family=&next=//evil", "name": "L’an"}
    assert client.post(reverse("figures:keep"), {**sent, "name": ""}).status_code == 422
    assert client.post(reverse("figures:keep"), {**sent, "board": "stock"}).status_code == 404
    assert client.post(reverse("figures:keep"), sent).status_code == 302
    kept = SavedBoard.objects.get()
    assert kept.query == "days=365"
    assert client.get(reverse("figures:open", args=[kept.pk])).url == "/figures/?days=365"
    member(client, north)
    assert client.get(reverse("figures:open", args=[kept.pk])).status_code == 404
    assert client.post(reverse("figures:drop", args=[kept.pk])).status_code == 404
    client.force_login(kept.membership.user)
    assert client.post(reverse("figures:drop", args=[kept.pk])).status_code == 302
    assert not SavedBoard.objects.exists()


def test_no_board_knows_a_member_of_staff(client, head, north):
    """Neither screens nor exports name who did something, nor count by them."""
    names = []
    for number, claim in enumerate(claims_of_test()):
        user = member(client, north)
        user.first_name, user.last_name = f"Prénom{number}", f"Agentine{number}"
        user.save()
        names += [user.first_name, user.last_name, user.email, str(user.pk)]
        event = ClaimEvent.unscoped.create(
            claim=claim, name="report_done", at=now() - OLD, state="done", role="agent", actor=user
        )
        names.append(f"actor={event.actor_id}")
    upkeep.refresh(now=now())
    boss = Membership.objects.get(role=Role.HEAD_OFFICE).user
    client.force_login(boss)
    pages = [OVERVIEW, "/head-office/stock/", AGENCY]
    pages += [reverse("figures:csv", args=[name]) for name in ("customers", "stock", "agency")]
    for path in pages:
        text = client.get(path).content.decode()
        assert not [name for name in names if name in text], path
    fields = {
        field.name for model in (upkeep.Fact, upkeep.Rollup) for field in model._meta.get_fields()
    }
    assert not fields & {"actor", "by_user", "user", "membership", "role", "author", "assignee"}
