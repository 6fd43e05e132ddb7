"""Promises that are made, paused, renewed and kept, and lateness that climbs once per level."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from agencies.models import Closure, Desk
from portal.actor import Actor
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance, undo
from requests.conversation import actions as conversation
from requests.filing.actions import Filing, file_claim
from requests.inbox import triage
from requests.jobs.models import Job
from requests.promises import actions as promises
from requests.promises import deadlines, escalation
from requests.promises.models import EscalationStep, Promise, PromiseTerm
from requests.promises.working_time import calendar_of
from requests.routing.actions import route_claim
from requests.tasks import HANDLERS
from requests.work_orders.actions import create_order, send_order
from requests.work_orders.appointments import book, confirm, no_access
from tests.factories import administrator, contractor, leak, member, tenant

PARIS = ZoneInfo("Europe/Paris")
# A Tuesday morning, half an hour after the agency opened.
TUESDAY = datetime(2026, 3, 3, 9, 0, tzinfo=PARIS).astimezone(UTC)


def at(hours: float) -> datetime:
    return TUESDAY + timedelta(hours=hours)


def routed(landlord, key="k") -> Claim:
    claim = leak(landlord, TUESDAY, key=key)
    route_claim(claim_id=claim.pk, now=TUESDAY)
    claim.refresh_from_db()
    return claim


def open_promises(claim) -> dict:
    rows = Promise.objects.filter(claim=claim, kept_at=None, ended_at=None)
    return {p.kind: p.due_at for p in rows}


@pytest.fixture
def agent(landlord):
    return member(landlord["north"], "agent")


def test_routing_promises_what_the_terms_say(landlord):
    claim = routed(landlord)
    due = open_promises(claim)
    # 24 h are one working day of eight hours: 9:00–12:30, 13:30–17:30, and half an hour more.
    assert due["acknowledgement"] == datetime(2026, 3, 4, 9, 0, tzinfo=PARIS)
    assert due["resolution"] == datetime(2026, 3, 10, 9, 0, tzinfo=PARIS)
    assert set(due) == {"acknowledgement", "take_charge", "first_visit", "resolution"}
    assert claim.promise_at == due["acknowledgement"]


def test_a_term_of_the_category_wins_over_the_urgencys(landlord):
    PromiseTerm.objects.create(kind="resolution", urgency="U3", hours=48)
    PromiseTerm.objects.create(kind="resolution", urgency="U3", category=landlord["leak"], hours=24)
    assert open_promises(routed(landlord))["resolution"] == datetime(2026, 3, 4, 9, tzinfo=PARIS)


def test_news_keeps_the_promise_and_the_next_date_is_shown(landlord, agent):
    claim = routed(landlord)
    advance(claim=claim, transition=Event.TAKE_CHARGE, actor=Actor.member(agent), now=at(1))
    due = open_promises(claim)
    assert set(due) == {"first_visit", "resolution"}
    assert claim.promise_at == min(due.values())
    assert Promise.objects.get(claim=claim, kind="acknowledgement").kept_at == at(1)


def test_the_clock_stands_still_while_the_tenant_is_asked(landlord, agent):
    claim = routed(landlord)
    before = open_promises(claim)["resolution"]
    asked = {"transition": Event.ASK, "text": "Une photo ?"}
    advance(claim=claim, actor=Actor.member(agent), now=at(1), **asked)
    assert claim.promise_at is None
    # Two hours of work later the tenant answers: the date moves by two working hours.
    conversation.from_tenant(claim=claim, text="La voici", actor=Actor.TENANT, now=at(3))
    claim.refresh_from_db()
    assert open_promises(claim)["resolution"] == before + timedelta(hours=2)
    kept = Promise.objects.filter(claim=claim, kind="resolution").order_by("pk")
    assert [p.why for p in kept] == ["filed", "paused", "resumed"]


def test_a_closure_moves_the_dates_and_the_old_ones_are_kept(landlord):
    claim = routed(landlord)
    Closure.objects.create(
        unit=landlord["north"],
        first_day=date(2026, 3, 4),
        last_day=date(2026, 3, 4),
        label="Inventaire",
    )
    assert promises.renew_unit(landlord["north"], now=at(1)) == 4
    claim.refresh_from_db()
    assert claim.promise_at == datetime(2026, 3, 5, 9, 0, tzinfo=PARIS)
    assert Promise.objects.filter(claim=claim, ended_at=at(1)).count() == 4
    assert promises.renew_unit(landlord["south"], now=at(1)) == 0


def test_a_hand_over_shows_the_date_that_was_said(landlord, agent):
    claim = routed(landlord)
    desk = Desk.objects.get(unit=landlord["head"], kind="legal")
    due = at(30)
    advance(
        claim=claim,
        transition=Event.HAND_OVER,
        actor=Actor.member(agent),
        now=at(1),
        desk=desk.pk,
        reason="Assurance",
        due=due.isoformat(),
    )
    assert claim.promise_at == due


def test_what_is_settled_promises_nothing_more(landlord, agent):
    claim = routed(landlord)
    advance(
        claim=claim,
        transition=Event.REFUSE,
        actor=Actor.member(agent),
        now=at(1),
        reason="not_ours",
        text="Voici pourquoi",
    )
    assert open_promises(claim) == {}
    assert claim.promise_at is None


def test_a_reopening_promises_anew(landlord, agent):
    claim = routed(landlord)
    advance(claim=claim, transition=Event.REPORT_DONE, actor=Actor.member(agent), now=at(1))
    advance(claim=claim, transition=Event.SAY_NOT_FIXED, actor=Actor.TENANT, now=at(26))
    assert set(open_promises(claim)) == {"acknowledgement", "resolution"}
    assert claim.promise_at > at(26)


def climb_all(now) -> list:
    escalation.sweep(now=now)
    due = Job.objects.filter(kind="escalate", done_at=None)
    climbed = [job.key for job in due if escalation.carry_out_step(step_id=job.key, now=now)]
    due.update(done_at=now)
    return climbed


def levels(claim) -> list:
    rows = claim.events.filter(name__in=[Event.LATE, Event.ESCALATED])
    return [(e.facts["promise"], e.facts["level"]) for e in rows]


def test_a_claim_nobody_touches_climbs_every_level_once(landlord):
    claim = routed(landlord)
    for hours in range(0, 24 * 12, 6):
        climb_all(at(hours))
        climb_all(at(hours - 5))  # the clock jumps back
    climbed = levels(claim)
    for kind in ("acknowledgement", "take_charge", "first_visit", "resolution"):
        for level in ("before", "due", "after"):
            assert climbed.count((kind, level)) == 1, (kind, level)


def test_the_tenant_is_told_of_lateness_with_a_new_date_before_asking(landlord):
    claim = routed(landlord)
    due = claim.promise_at
    climb_all(due)
    claim.refresh_from_db()
    event = claim.events.get(name=Event.LATE)
    assert claim.promise_at == datetime.fromisoformat(event.facts["new_date"])
    assert claim.promise_at == datetime(2026, 3, 5, 9, 0, tzinfo=PARIS)
    assert Job.objects.filter(kind="notify", key=str(event.pk)).exists()


def test_a_kept_promise_never_climbs(landlord, agent):
    claim = routed(landlord)
    advance(claim=claim, transition=Event.ANSWER, actor=Actor.member(agent), now=at(1), text="Fait")
    assert climb_all(at(24 * 60)) == []
    assert levels(claim) == []


@pytest.mark.django_db(transaction=True)
def test_ten_workers_take_a_step_once():
    from tests.factories import landlord as made

    claim = routed(made())
    step = EscalationStep.objects.get(promise__kind="acknowledgement", level="due")

    def work(_number):
        try:
            return escalation.carry_out_step(step_id=step.pk, now=step.due_at)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(work, range(10))) == 1
    assert levels(claim) == [("acknowledgement", "due")]


# --- where a unit stands, and what changes in the settings ---------------------------------


@pytest.mark.parametrize(
    ("region", "zone", "day", "closed"),
    [
        # Good Friday and St Stephen's day are days off in Alsace and Moselle only.
        ("", "Europe/Paris", date(2026, 4, 3), False),
        ("6AE", "Europe/Paris", date(2026, 4, 3), True),
        ("57", "Europe/Paris", date(2026, 12, 26), True),
        ("", "Europe/Paris", date(2026, 12, 26), False),
        # The abolition of slavery: 20 December in Réunion, 22 May in Martinique.
        ("974", "Indian/Reunion", date(2026, 12, 20), True),
        ("972", "America/Martinique", date(2026, 5, 22), True),
        ("974", "Indian/Reunion", date(2026, 5, 22), False),
        # The national ones hold everywhere.
        ("974", "Indian/Reunion", date(2026, 7, 14), True),
        ("6AE", "Europe/Paris", date(2026, 7, 14), True),
    ],
)
def test_a_unit_has_the_days_off_of_where_it_stands(landlord, region, zone, day, closed):
    unit = landlord["north"]
    unit.holiday_region, unit.time_zone = region, zone
    unit.save()
    calendar = calendar_of(unit, day)
    assert (day in calendar.days_off) is closed
    assert calendar.zone == zone


def test_good_friday_puts_a_strasbourg_promise_off_to_tuesday(landlord):
    unit = landlord["north"]
    thursday = datetime(2026, 4, 2, 16, 30, tzinfo=PARIS)
    length = timedelta(hours=2)
    there = {}
    for region in ("", "6AE"):
        unit.holiday_region = region
        there[region] = deadlines.due(thursday, length, calendar_of(unit, thursday.date()))
    assert there[""] == datetime(2026, 4, 3, 9, 30, tzinfo=PARIS)
    assert there["6AE"] == datetime(2026, 4, 7, 9, 30, tzinfo=PARIS)


def test_a_reunion_promise_runs_on_the_islands_clock(landlord):
    unit = landlord["north"]
    unit.holiday_region, unit.time_zone = "974", "Indian/Reunion"
    island = ZoneInfo("Indian/Reunion")
    # A Friday at 17:00 on the island, where it is 14:00 in Paris; the Sunday is a holiday.
    friday = datetime(2026, 12, 18, 17, 0, tzinfo=island)
    due = deadlines.due(friday, timedelta(hours=1), calendar_of(unit, friday.date()))
    assert due == datetime(2026, 12, 21, 9, 0, tzinfo=island)


def reckoned_again() -> int:
    """Carry out the renewals that wait; how many there were."""
    jobs = list(Job.objects.filter(kind=Job.Kind.RENEW, done_at=None))
    for job in jobs:
        HANDLERS[job.kind](key=job.key, now=at(1), **job.payload)
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(done_at=at(1))
    return len(jobs)


def test_a_closure_set_on_screen_moves_the_promises_by_a_job(client, landlord):
    claim = routed(landlord)
    before = open_promises(claim)
    client.force_login(administrator(landlord["head"]).user)
    page = "/settings/agencies/closure/"
    data = {
        "unit": landlord["north"].pk,
        "first_day": "2026-03-04",
        "last_day": "2026-03-04",
        "label": "Inventaire",
    }
    assert client.post(f"{page}add/", data).status_code == 302
    assert open_promises(claim) == before
    assert reckoned_again() == 1
    moved = open_promises(claim)
    assert moved["acknowledgement"] == datetime(2026, 3, 5, 9, 0, tzinfo=PARIS)
    assert Promise.objects.filter(claim=claim, ended_at=at(1), why="filed").count() == 4
    # Taken back, the dates come back, and each change is a job of its own.
    closure = Closure.objects.get()
    assert client.post(f"{page}{closure.pk}/delete/", {"post": "yes"}).status_code == 302
    assert reckoned_again() == 1
    assert open_promises(claim) == before


def test_hours_and_region_of_a_unit_move_only_its_own_promises(client, landlord):
    claim = routed(landlord)
    client.force_login(administrator(landlord["head"]).user)
    data = {"kind": "agency", "code": "nord", "name": "Nord", "time_zone": "Europe/Paris"}
    for prefix, rows in {"desks": "desks", "hours": "hours", "closures": "closures"}.items():
        held = list(getattr(landlord["north"], rows).all())
        data |= {f"{prefix}-TOTAL_FORMS": len(held), f"{prefix}-INITIAL_FORMS": len(held)}
        for number, row in enumerate(held):
            data |= {f"{prefix}-{number}-id": row.pk, f"{prefix}-{number}-unit": row.unit_id}
            if prefix == "desks":
                data |= {f"desks-{number}-kind": row.kind, f"desks-{number}-name": row.name}
            else:
                data |= {
                    f"hours-{number}-weekday": row.weekday,
                    f"hours-{number}-opens": row.opens,
                    # The afternoons end an hour earlier.
                    f"hours-{number}-closes": "16:30" if row.closes.hour == 17 else row.closes,
                }
    page = f"/settings/agencies/unit/{landlord['north'].pk}/change/"
    assert client.post(page, data).status_code == 302
    assert reckoned_again() == 1
    assert open_promises(claim)["acknowledgement"] == datetime(2026, 3, 4, 10, 0, tzinfo=PARIS)
    # The same again changes nothing: no job.
    for key, value in list(data.items()):
        if key.endswith("-closes"):
            data[key] = str(value)
    assert client.post(page, data).status_code == 302
    assert reckoned_again() == 0


def test_a_new_term_moves_the_promises_and_keeps_the_old_ones(client, landlord):
    claim = routed(landlord)
    client.force_login(administrator(landlord["head"]).user)
    data = {"kind": "resolution", "urgency": "U3", "hours": "24"}
    assert client.post("/settings/requests/promiseterm/add/", data).status_code == 302
    assert reckoned_again() == 1
    assert open_promises(claim)["resolution"] == datetime(2026, 3, 4, 9, tzinfo=PARIS)
    assert [p.why for p in claim.promises.filter(kind="resolution")] == ["filed", "terms"]


# --- visits that took place, and doors that stayed shut -------------------------------------


def sent_order(claim, agent):
    made = create_order(
        claim=claim,
        contractor=contractor(),
        payer="landlord",
        why="by_law",
        description="Fuite",
        respond_by=at(48),
        actor=Actor.member(agent),
        now=at(0),
    )
    send_order(order=made, actor=Actor.member(agent), now=at(0))
    return made


def test_no_access_keeps_the_first_visit_and_stops_the_clock_until_a_new_date(landlord, agent):
    claim = routed(landlord)
    before = open_promises(claim)["resolution"]
    order = sent_order(claim, agent)
    hands = {"order": order, "actor": Actor.CONTRACTOR}
    book(**hands, starts=at(1), ends=at(2), now=at(0.2), channel="phone")
    confirm(**hands, now=at(0.3))
    no_access(**hands, text="Personne", now=at(1))
    claim.refresh_from_db()
    visit = Promise.objects.get(claim=claim, kind="first_visit", kept_at__isnull=False)
    assert visit.kept_at == at(1)
    assert open_promises(claim)["resolution"] is None
    assert claim.pauses.get().reason == "access"
    # News to the tenant do not open the door; a new date does, two working hours later.
    advance(
        claim=claim,
        transition=Event.INFORM,
        actor=Actor.member(agent),
        now=at(2),
        text="Nous revenons.",
        promise_at=at(48),
    )
    assert open_promises(claim)["resolution"] is None
    order.refresh_from_db()
    book(**hands, starts=at(26), ends=at(27), now=at(3), channel="phone")
    assert open_promises(claim)["resolution"] == before + timedelta(hours=2)


# --- two moments ----------------------------------------------------------------------------


def test_report_and_identification_are_two_moments(landlord, agent):
    claim = routed(landlord)
    assert (claim.filed_at, claim.identified_at) == (TUESDAY, None)
    person = tenant(landlord["dwelling"])
    event = triage.identify(claim=claim, tenant=person, actor=Actor.member(agent), now=at(1))
    claim.refresh_from_db()
    assert (claim.filed_at, claim.identified_at) == (TUESDAY, at(1))
    undo(event=event, actor=Actor.member(agent), now=at(1))
    claim.refresh_from_db()
    assert claim.identified_at is None
    known = file_claim(
        Filing(
            channel="phone",
            key="known",
            category="PLO-03",
            dwelling=landlord["dwelling"].pk,
            tenant=str(person.pk),
        ),
        actor=Actor.TENANT,
        now=at(2),
    )
    assert known.identified_at == at(2)
