"""Test the log of a piece of equipment, its hours in service, its visits due and its label."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from agencies import upkeep
from agencies.models import Equipment, UpkeepPeriod, UpkeepReminder, UpkeepVisit
from portal.actor import Actor
from portal.clock import now
from requests.catalogue.models import Category, Family
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.equipment import log as equipment
from requests.equipment import upkeep_visits as actions
from requests.equipment import uptime
from requests.equipment.uptime import Stop
from requests.filing.actions import Filing, file_claim
from requests.jobs.models import Job
from requests.jobs.queue import drain
from requests.routing.actions import route_claim
from requests.tasks import HANDLERS
from requests.work_orders.actions import create_order, send_order
from tests import factories

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def hour(number):
    return NOON + timedelta(hours=number)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], [Stop(hour(0))]),
        ([(Event.REPORT_DONE, hour(3))], [Stop(hour(0), hour(3))]),
        ([(Event.REPORT_DONE, hour(3)), (Event.SAY_FIXED, hour(9))], [Stop(hour(0), hour(3))]),
        (
            [
                (Event.REPORT_DONE, hour(3)),
                (Event.SAY_NOT_FIXED, hour(4)),
                (Event.REPORT_DONE, hour(8)),
            ],
            [Stop(hour(0), hour(8))],
        ),
        (
            [(Event.REPORT_DONE, hour(3)), (Event.SAY_FIXED, hour(4)), (Event.REOPEN, hour(6))],
            [Stop(hour(0), hour(3)), Stop(hour(6))],
        ),
    ],
)
def test_a_stop_ends_when_the_repair_holds(events, expected):
    assert uptime.stops_of(hour(0), events) == expected


def test_twelve_reports_of_one_fault_are_one_stop():
    reports = [Stop(hour(n), hour(10)) for n in range(5)] + [Stop(hour(20), hour(21))]
    assert uptime.merge_overlaps(reports) == [Stop(hour(0), hour(10)), Stop(hour(20), hour(21))]
    assert uptime.merge_overlaps([Stop(hour(0)), Stop(hour(5), hour(6))]) == [Stop(hour(0))]


def test_the_share_is_counted_in_hours_of_day_and_night():
    month = 30 * 24
    assert uptime.share([], days=30, now=NOON) == uptime.Share(30, 100.0, 0, 0)
    half = uptime.share([Stop(hour(-month / 2))], days=30, now=NOON)
    assert (half.percent, half.hours, half.stops) == (50.0, 360, 1)
    older = uptime.share([Stop(hour(-2 * month), hour(-month + 72))], days=30, now=NOON)
    assert (older.percent, older.hours) == (90.0, 72)
    short = uptime.share([Stop(hour(-0.1), hour(0))], days=365, now=NOON)
    assert short.percent == 99.9


@pytest.fixture
def lift(landlord):
    stairs = landlord["dwelling"].staircase
    family = Family.objects.create(code="ASC", label_fr="Ascenseur", label_en="Lift", tile="lift")
    made = factories.category(
        "ASC-02", "U2", "contractor_direct", asset="common", collective=True, tile="lift"
    )
    Category.objects.filter(pk=made.pk).update(family=family)
    return Equipment.objects.create(
        building=stairs.building, staircase=stairs, kind="lift", label="Ascenseur A1"
    )


@pytest.fixture
def report(landlord, lift):
    def make(key="k", **values):
        stairs = landlord["dwelling"].staircase
        filing = Filing(channel="web", key=key, category="ASC-02", staircase=stairs.pk, **values)
        claim = file_claim(filing, actor=Actor.TENANT, now=now())
        route_claim(claim_id=claim.pk, now=now())
        return claim

    return make


@pytest.fixture
def agent(landlord):
    return factories.member(landlord["north"], "agent")


def test_the_log_holds_every_kind_of_line(client, lift, report, agent, landlord):
    claim = report(words="Bloqué entre deux étages")
    holder = factories.contractor("Ascenseurs de Valmer")
    order = create_order(
        claim=claim,
        contractor=holder,
        contract=None,
        payer="landlord",
        why="by_law",
        description="Remplacer le câble",
        respond_by=now() + timedelta(days=1),
        actor=Actor.member(agent),
        now=now(),
    )
    send_order(order=order, actor=Actor.member(agent), now=now())
    today = timezone.localdate()
    actions.record_visit(
        equipment=lift,
        what="lift_visit",
        done_on=today,
        company="AV",
        note="RAS",
        by=None,
        now=now(),
    )
    lift.corrections.create(
        key="c", was={"installed": None}, becomes={"installed": 1999}, at=now(), author=agent.user
    )
    client.force_login(agent.user)
    page = client.get(reverse("equipment:log", args=[lift.pk])).content.decode()
    for words in (claim.spoken_reference, "Ascenseurs de Valmer", "RAS", "1999", "Remplacer"):
        assert words in page, words
    sheet = client.get(reverse("equipment:log_csv", args=[lift.pk])).content.decode()
    assert sheet.startswith("\ufeff")
    assert claim.spoken_reference in sheet
    assert "RAS" in sheet


def test_the_caretaker_reads_the_log_without_the_words(client, lift, report, agent, landlord):
    report(words="Je suis malade", contact_name="Awa Traoré")
    client.force_login(factories.caretaker(landlord["north"]).user)
    page = client.get(reverse("equipment:log", args=[lift.pk]))
    assert page.status_code == 200
    body = page.content.decode()
    assert "malade" not in body
    assert "Traoré" not in body
    assert page.context["form"] is None
    assert client.post(reverse("equipment:record", args=[lift.pk])).status_code == 403


def test_another_agency_sees_no_equipment(client, lift, landlord):
    client.force_login(factories.member(landlord["south"], "agent").user)
    for name in ("log", "log_csv", "label"):
        assert client.get(reverse(f"equipment:{name}", args=[lift.pk])).status_code == 404
    assert client.post(reverse("equipment:record", args=[lift.pk])).status_code == 404
    assert lift.label not in client.get(reverse("equipment:list")).content.decode()


def test_two_lifts_of_one_staircase_are_told_apart(lift, report):
    other = Equipment.objects.create(
        building=lift.building, staircase=lift.staircase, kind="lift", label="Ascenseur A2"
    )
    report("one", place_note="Ascenseur A2")
    assert set(equipment.stops_by_equipment([lift, other], now())) == {other.pk}
    report("two")
    assert set(equipment.stops_by_equipment([lift, other], now())) == {lift.pk, other.pk}


def test_refused_reports_are_no_stop(lift, report, agent):
    claim = report()
    assert (
        equipment.out_of_service_since(equipment.stops_by_equipment([lift], now())[lift.pk])
        == claim.filed_at
    )
    Claim.objects.system("test").filter(pk=claim.pk).update(state="withdrawn", ended_at=now())
    assert equipment.stops_by_equipment([lift], now()) == {}


def test_the_list_is_searched_by_words_and_state(client, lift, report, agent):
    client.force_login(agent.user)
    url = reverse("equipment:list")
    assert lift.label in client.get(url, {"q": "tilleuls", "kind": "lift"}).content.decode()
    assert lift.label not in client.get(url, {"state": "stopped"}).content.decode()
    report()
    for state in ("stopped", "reported", "unknown"):
        assert lift.label in client.get(url, {"state": state}).content.decode(), state
    for state in ("missed", "soon"):
        assert lift.label not in client.get(url, {"state": state}).content.decode(), state
    assert lift.label in client.get(reverse("equipment:list_csv")).getvalue().decode()


def due_of(equipment, today, what="lift_visit"):
    return next(row for row in upkeep.due([equipment], today)[equipment.pk] if row.what == what)


def test_a_lift_is_visited_every_six_weeks_unless_the_contract_says_more(lift):
    day = date(2026, 3, 2)
    assert due_of(lift, day).state == "unknown"
    UpkeepVisit.objects.create(equipment=lift, what="lift_visit", done_on=day, recorded_at=now())
    assert due_of(lift, day).due_on == day + timedelta(days=42)
    states = [due_of(lift, day + timedelta(days=n)).state for n in (0, 27, 28, 42, 43)]
    assert states == ["kept", "kept", "soon", "soon", "missed"]
    holder = factories.contractor("AV")
    contract = factories.contract(holder, families=[], equipment_kinds=["lift"])
    row = UpkeepPeriod.objects.create(contract=contract, what="lift_visit", every_days=28)
    assert due_of(lift, day).days == 28
    UpkeepPeriod.objects.filter(pk=row.pk).update(every_days=90)
    assert due_of(lift, day).days == 42  # never less often than the law requires
    UpkeepPeriod.objects.create(equipment=lift, what="lift_cables", every_days=None)
    assert "lift_cables" not in {row.what for row in upkeep.due([lift], day)[lift.pk]}
    contract.residences.add(
        factories.Residence.objects.create(
            code="r9", name="Ailleurs", unit=lift.building.residence.unit, commune="V", postcode="1"
        )
    )
    UpkeepPeriod.objects.filter(pk=row.pk).update(every_days=28)
    assert due_of(lift, day).days == 42  # the contract is for another residence


def test_a_period_belongs_to_a_contract_or_a_piece_of_equipment(lift):
    with pytest.raises(IntegrityError), transaction.atomic():
        UpkeepPeriod.objects.create(what="lift_visit", every_days=28)


def test_a_missed_visit_is_noticed_once_and_the_company_reminded(lift):
    today = timezone.localdate()
    actions.sweep(now())
    assert not UpkeepReminder.objects.exists()  # no visit on record: no reminder
    factories.contract(factories.contractor("AV"), families=[], equipment_kinds=["lift"])
    UpkeepVisit.objects.create(
        equipment=lift,
        what="lift_visit",
        done_on=today - timedelta(days=50),
        recorded_at=now(),
    )
    assert actions.sweep(now()) == 1
    assert actions.sweep(now()) == 0
    drain(HANDLERS, now)
    row = UpkeepReminder.objects.get()
    assert (row.stage, row.sent_to) == ("missed", "atelier@example.test")
    assert [message.to for message in mail.outbox] == [["atelier@example.test"]]
    assert "Ascenseur A1" in mail.outbox[0].body
    actions.send_reminder(key=str(row.pk), now=now())
    assert len(mail.outbox) == 1


def test_a_visit_recorded_meanwhile_is_not_asked_for(lift):
    today = timezone.localdate()
    factories.contract(factories.contractor("AV"), families=[], equipment_kinds=["lift"])
    UpkeepVisit.objects.create(
        equipment=lift, what="lift_visit", done_on=today - timedelta(days=40), recorded_at=now()
    )
    assert actions.sweep(now()) == 1
    actions.record_visit(
        equipment=lift, what="lift_visit", done_on=today, company="", note="", by=None, now=now()
    )
    actions.send_reminder(key=str(UpkeepReminder.objects.get().pk), now=now())
    assert not mail.outbox
    assert Job.objects.filter(kind="upkeep").count() == 1


def test_a_visit_is_noted_on_the_page(client, lift, agent):
    client.force_login(agent.user)
    url = reverse("equipment:record", args=[lift.pk])
    today = timezone.localdate()
    form = {"what": "lift_visit", "done_on": today.isoformat(), "company": "AV"}
    assert client.get(url).status_code == 405
    assert client.post(url, {**form, "done_on": ""}).status_code == 422
    future = (today + timedelta(days=2)).isoformat()
    late = client.post(url, {**form, "done_on": future})
    assert late.status_code == 422
    assert "AV" in late.content.decode()
    assert client.post(url, form).status_code == 302
    assert client.post(url, form).status_code == 422
    assert lift.visits.get().recorded_by == agent.user


def test_the_label_opens_the_page_that_says_what_is_reported(client, lift, report, agent):
    client.force_login(agent.user)
    label = client.get(reverse("equipment:label", args=[lift.pk]))
    assert label.content.startswith(b"%PDF")
    client.logout()
    url = reverse("equipment:public", args=[lift.label_code.lower()])
    assert lift.label in client.get(url).content.decode()
    assert "draft" not in client.session
    claim = report(words="Encore en panne", contact_name="Awa")
    page = client.get(url)
    assert str(Category.objects.get(code="ASC-02")) in page.content.decode()
    assert "Awa" not in page.content.decode()
    assert "Encore" not in page.content.decode()
    assert client.post(url).url == reverse("file_fault", args=["lift"])
    assert client.session["draft"]["place"] == lift.label
    assert ClaimEvent.unscoped.filter(claim=claim, name=Event.FILED).count() == 1
