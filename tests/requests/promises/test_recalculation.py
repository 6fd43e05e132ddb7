"""The calendars that promises run on, and promises reckoned again when one changes."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agencies.models import Closure
from requests.jobs.models import Job
from requests.promises import deadlines
from requests.promises.models import Promise
from requests.promises.working_time import calendar_of
from requests.tasks import HANDLERS
from tests.factories import administrator
from tests.requests.promises.helpers import PARIS, at, open_promises, routed


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
    data = {
        "kind": "agency",
        "code": "nord",
        "name": "Nord",
        "article": landlord["north"].article,
        "time_zone": "Europe/Paris",
    }
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
