"""Random lives: sums kept by events are what a slow query counts, to the last unit."""

from collections import Counter, defaultdict
from datetime import timedelta
from functools import partial
from random import Random

import pytest
from django.db import transaction

from agencies.models import Desk, Residence, Unit
from portal.access import Role
from portal.actor import Actor
from portal.clock import now
from portal.memory import reading_once
from requests import tasks
from requests.catalogue.models import Category, Family
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import Conflict, TooLate, advance, record, undo
from requests.figures import cube, upkeep
from requests.figures.fact_models import ALL_UNITS, By, Fact, Grain, Rollup, TouchedClaim
from requests.figures.measures import Measure
from requests.inbox import triage
from requests.jobs import queue
from requests.jobs.models import Job
from requests.work_orders.models import WorkOrder
from tests import factories, moments, trust
from tests.requests.figures import slow_count

pytestmark = [pytest.mark.long, pytest.mark.django_db]
SEEDS, CLAIMS, STEPS = trust.size(1, 10), trust.size(24, 200), trust.size(10, 10)
# Promises and desks come from routing; what people are told, no figure counts.
ROUTING = {Job.Kind.ROUTE: tasks.HANDLERS[Job.Kind.ROUTE]}
REFUSED = (workflow.NotAllowed, Conflict, ValueError, TooLate)
CHANNELS = ("web", "phone", "letter")


@pytest.fixture
def world(landlord) -> dict:
    """Return the landlord with an agency far away, a second family, and who acts there."""
    far = landlord["south"]
    Unit.objects.filter(pk=far.pk).update(time_zone="Indian/Reunion")
    heat, _new = Family.objects.get_or_create(
        code="CHA", defaults={"label_fr": "Chauffage", "label_en": "Heating", "tile": "heat"}
    )
    factories.category("CHA-04", "U3", "agency_technical", family=heat)
    roles = (Role.TENANT, Role.AGENT, Role.AGENCY_MANAGER)
    actors = [Actor.TENANT, Actor.SYSTEM]
    actors += [Actor.member(factories.member(landlord["north"], role)) for role in roles[1:]]
    return {
        **landlord,
        "homes": [landlord["dwelling"], factories.home_of(far)],
        "actors": actors,
        "company": factories.contractor(),
        "desks": list(Desk.objects.order_by("pk")),
        "other": list(Category.objects.filter(code__in=["CHA-04", "GAZ-01"]).order_by("code")),
    }


def pass_days(rng: Random, clock) -> object:
    """Let minutes, hours or days pass; return the new clock."""
    later = now() + rng.choice([
        timedelta(minutes=rng.randrange(90)),
        timedelta(hours=rng.randrange(1, 30)),
        timedelta(days=rng.randrange(1, 9)),
    ])  # fmt: skip
    clock.__exit__(None, None, None)
    clock = moments.at(later)
    clock.__enter__()
    return clock


def file(world: dict, rng: Random, number: int) -> Claim:
    return factories.leak(
        world,
        now(),
        key=f"k{number}",
        channel=rng.choice(CHANNELS),
        category=rng.choice(["PLO-03", "CHA-04", "GAZ-01"]),
        dwelling=rng.choice(world["homes"]).pk,
    )


def act(world: dict, rng: Random, claim: Claim, done: list) -> None:
    """Try one thing that may happen to a claim; what is not allowed changes nothing."""
    at = now() + timedelta(days=rng.randrange(1, 9))
    actor = rng.choice(world["actors"])
    names = sorted(workflow.allowed(claim.state, actor.role) - {Event.MERGE})
    desk = rng.choice(world["desks"])
    facts = {"text": "mot", "reason": "other", "desk": desk.pk, "due": at.isoformat()}
    facts |= {
        "category": "x",
        "place": "ici",
        "tenant": "x",
        "proposed": {"kept": rng.random() < 0.7},
    }
    chosen = rng.choice(names) if names else ""
    if chosen == Event.PLAN:
        facts["visit_at"] = at
    if chosen == Event.INFORM:
        facts["promise_at"] = at
    member = world["actors"][2]
    kinds = [
        *[partial(advance, transition=chosen, actor=actor, **facts)] * (8 if chosen else 0),
        partial(record, name=Event.MESSAGE_OUT, actor=actor),
        partial(
            triage.reclassify,
            category=rng.choice(world["other"]),
            urgency="U2",
            reason="x",
            actor=member,
        ),
        partial(triage.merge, into=rng.choice(done) if done else claim, actor=member),
    ]
    chosen_act = rng.choice(kinds)
    try:
        with transaction.atomic():
            event = chosen_act(claim=claim, now=now())
            if rng.random() < 0.15 and isinstance(event, ClaimEvent) and event.before:
                undo(event=event, actor=actor, now=now() + timedelta(seconds=5))
    except REFUSED:
        pass


def route() -> None:
    """Route what waits for it, and forget the other jobs."""
    Job.objects.exclude(kind__in=ROUTING).delete()
    queue.drain(ROUTING, now)


def disturb(world: dict, rng: Random, claim: Claim) -> None:
    """Change what stands around the claims, as imports, orders and late corrections do."""
    kind = rng.randrange(6)
    if kind == 5:
        Residence.objects.filter(pk=claim.residence_id).update(
            district=rng.choice(["", "Moulins", "Gare"])
        )
    elif kind == 0:
        Residence.objects.filter(pk=claim.residence_id).update(
            unit=rng.choice([world["north"], world["south"]])
        )
    elif kind == 1:
        Claim.objects.system("test").filter(pk=claim.pk).update(residence=None)
    elif kind == 2:
        # A fact that is told long after it happened.
        ClaimEvent.unscoped.create(
            claim=claim,
            name=rng.choice([Event.REPORT_DONE, Event.SAY_FIXED, Event.CALLED, Event.REOPEN]),
            at=now() - timedelta(days=rng.randrange(30)),
            role="agent",
            state=claim.state,
        )
    elif kind == 3:
        WorkOrder.objects.system("test").create(
            claim=claim,
            number=claim.orders.count() + 1,
            contractor=world["company"],
            payer="landlord",
            why="by_law",
            description="x",
            state="done",
            respond_by=now(),
            created_at=now() - timedelta(days=3),
            sent_at=now() - timedelta(days=2),
            done_at=now(),
        )
    else:
        Category.objects.filter(code="GAZ-01").update(
            family=Family.objects.get(code=rng.choice(["PLO", "CHA"]))
        )


def kept(by: str, grain: str = Grain.DAY) -> Counter:
    """Return how often each value was counted: measure, unit, the two keys, period, value."""
    found: Counter = Counter()
    for row in Rollup.objects.filter(by=by):
        if cube.period(cube.start_of(row.period), grain) != row.period:
            continue
        for value, n in zip(row.values, row.counts, strict=True):
            found[row.measure, row.unit, row.one, row.two, row.period, value] += n
    return found


def slowly(moment) -> dict[tuple[str, str], Counter]:
    """Return every sum, counted by the slow query, under the names of ``kept``."""
    found: dict[tuple[str, str], Counter] = defaultdict(Counter)

    def add(by: str, day, measure: str, unit: int, one: str, two: str, value: int, n: int) -> None:
        for grain in Grain:
            found[by, grain][measure, unit, one, two, cube.period(day, grain), value] += n

    areas = dict(Residence.objects.values_list("pk", "district"))
    for measure in slow_count.COUNTED:
        rows = slow_count.count(measure, moment)
        for unit, family, channel, residence, building, day, value, n in rows:
            add("unit", day, measure, unit, "", "", value, n)
            add("both", day, measure, unit, family, channel, value, n)
            for held in (unit, ALL_UNITS):
                add("family", day, measure, held, family, "", value, n)
                add("channel", day, measure, held, channel, "", value, n)
            for two in ("", family) if residence else ():
                add("area", day, measure, unit, areas[residence], two, value, n)
                if measure == "received":
                    add("place", day, measure, unit, two, "", residence, n)
            if measure == "received" and building:
                add("building", day, measure, unit, family, channel, building, n)
    for measure, unit, contractor, trade, day, value, n in slow_count.orders():
        for held in (unit, ALL_UNITS):
            add("trade", day, measure, held, str(contractor), trade, value, n)
    return found


def compare(moment) -> int:
    with slow_count.tables():
        slow = slowly(moment)
    for by, grain in slow:
        assert kept(by, grain) == slow[by, grain], (by, grain)
    assert {by for by, _grain in slow} >= {*By.values} - {"group", "trade"}
    assert upkeep.differences(now=moment) == (0, 0)
    return sum(slow["unit", Grain.DAY].values())


@pytest.mark.parametrize("seed", range(SEEDS))
@reading_once()  # nothing here changes calendars, rules or promise terms
def test_sums_are_what_a_slow_query_counts(world, seed):
    rng = Random(seed)
    clock = moments.at(moments.MOMENT)
    clock.__enter__()
    claims: list[Claim] = []
    try:
        for step in range(CLAIMS * STEPS):
            if step % STEPS == 0:
                claims.append(file(world, rng, step))
            claim = Claim.objects.system("test").get(pk=rng.choice(claims).pk)
            act(world, rng, claim, claims)
            if rng.random() < 0.1:
                disturb(world, rng, claim)
            if rng.random() < 0.05:
                route()
            if rng.random() < 0.25:
                clock = pass_days(rng, clock)
            if rng.random() < 0.1:
                upkeep.refresh(now=now())
        upkeep.refresh(now=now())
        counted = compare(now())
        assert counted > 5 * CLAIMS
        assert not TouchedClaim.objects.exists()
        found = kept("both")
        upkeep.rebuild(now=now())
        assert kept("both") == found
        if trust.WHOLE:
            assert set(Fact.objects.values_list("measure", flat=True)) == set(Measure.values)
            print(f"seed {seed}: {len(claims)} claims, {counted} facts")
    finally:
        clock.__exit__(None, None, None)


def test_a_day_that_ends_is_counted_without_any_event(world):
    clock = moments.at(moments.MOMENT)
    clock.__enter__()
    try:
        file(world, Random(1), 1)
        queue.drain(tasks.HANDLERS, now)
        upkeep.refresh(now=now())
        assert not Fact.objects.filter(measure=Measure.BROKEN).exists()
        clock.__exit__(None, None, None)
        clock = moments.at(moments.MOMENT + timedelta(days=30))
        clock.__enter__()
        upkeep.refresh(now=now())
        assert Fact.objects.filter(measure=Measure.BROKEN).exists()
        compare(now())
    finally:
        clock.__exit__(None, None, None)
