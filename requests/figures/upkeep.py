"""Keep facts and their sums up to date, build them anew, and compare both.

Triggers name each claim of which something changed, in the transaction of the change
(``requests/migrations/0039_figures.py``): whatever writes, by whatever way, is counted again. A job
takes these names, computes the facts of each claim anew, and adds the difference to the sums of the
days, weeks and months concerned. So a late event, a correction, a merge, a reopening, an undone
step or another place of an old claim moves exactly what it must.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, time
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, F, QuerySet

from agencies.models import Dwelling, Unit
from requests.claims.models import Claim
from requests.figures import fact_models, measures, stories
from requests.figures.fact_models import (
    ALL_UNITS,
    By,
    Fact,
    FigureClock,
    Rollup,
    StockCount,
    TouchedClaim,
)
from requests.promises.models import Promise

LOCK = 7_716_039  # one counts at a time: two would add the same difference
BATCH = 500
COLUMNS = (
    *("measure", "day", "value", "contractor", "trade", "unit", "residence", "building"),
    *("family", "category", "channel", "assisted", "district", "neighbourhood"),
)
# All columns and the number, as SQL reads them back from JSON.
TYPES = (
    "measure text, day date, value int, contractor bigint, trade text, unit bigint,"
    " residence bigint, building bigint, family text, channel text, assisted bool, district bool,"
    " neighbourhood text, n int"
)
DELTA = f"jsonb_to_recordset(%s::jsonb) AS f({TYPES})"


def _sets() -> Iterator[str]:
    """Yield under what a fact counts, once each: the only place where sums are defined."""

    def row(by: str, unit: str, one: str, two: str, value: str, counts: str) -> str:
        return f"('{by}', {unit}, {one or no}, {two or no}, {value}::bigint, {counts})"

    no, here = "''", "unit"
    for by, (one, two) in fact_models.COLUMNS.items():
        counts = "contractor <> 0" if by == By.TRADE else "contractor = 0"
        if by == By.AREA:
            counts += " AND residence <> 0"
            yield row(by, here, one, "", "value", counts)  # of every family
        yield row(by, here, one, two, "value", counts)
        if by in fact_models.OVER_ALL:
            yield row(by, str(ALL_UNITS), one, two, "value", counts)
    received = "measure = 'received' AND {} <> 0".format
    yield row(By.PLACE, here, "", "", "residence", received("residence"))
    yield row(By.PLACE, here, "family", "", "residence", received("residence"))
    yield row(By.BUILDING, here, "family", "channel", "building", received("building"))


SETS = f'(VALUES {", ".join(_sets())}) AS s("by", unit, one, two, value, counts)'
# Raise it whenever the sets or the facts change: everything is counted anew, in the background.
DEFINITION = 1
KEYS = '"by", period, unit, measure, one, two'
PERIODS = """(VALUES (to_char(day, 'YYYY-MM-DD')), (to_char(day, 'IYYY-"W"IW')),
    (to_char(day, 'YYYY-MM'))) AS p(period)"""
# How often each value was counted in each period: first by day, which leaves fewer rows.
COUNTED = f"""
SELECT {KEYS}, value, sum(n)::int AS n
FROM (
    SELECT s."by", f.day, s.unit, f.measure, s.one, s.two, s.value, sum(f.n) AS n
    FROM {{source}} CROSS JOIN LATERAL {SETS} WHERE s.counts GROUP BY 1, 2, 3, 4, 5, 6, 7
) AS days CROSS JOIN LATERAL {PERIODS}
GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(n) <> 0"""  # noqa: S608 - ours
SUM = f"""
INSERT INTO requests_rollup ({KEYS}, "values", counts)
SELECT {KEYS}, array_agg(value), array_agg(n)
FROM ({COUNTED}) AS counted
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY "by" COLLATE "C", period COLLATE "C", unit
ON CONFLICT ({KEYS}) DO UPDATE SET ("values", counts) = (
    SELECT coalesce(array_agg(value), '{{{{}}}}'), coalesce(array_agg(n), '{{{{}}}}')
    FROM (
        SELECT value, sum(n) AS n FROM (
            SELECT unnest(requests_rollup."values"), unnest(requests_rollup.counts)
            UNION ALL SELECT unnest(excluded."values"), unnest(excluded.counts)
        ) AS either(value, n) GROUP BY value HAVING sum(n) <> 0
    ) AS merged)"""  # noqa: S608 - ours
FACTS = "requests_fact f"
Key = tuple[Any, ...]


def refresh(*, now: datetime, most: int = 20) -> int:
    """Count again what was touched since the last time; return how many claims.

    At most ``most`` batches; one process at a time, another one returns 0 at once.
    """
    done = 0
    for _round in range(most):
        with transaction.atomic():
            if not _alone():
                return done
            _close_days(now)
            rows = list(
                TouchedClaim.objects.order_by("pk").values_list("pk", "claim_id")[: 4 * BATCH]
            )
            TouchedClaim.objects.filter(pk__in=[pk for pk, _claim in rows]).delete()
            _forget_last_touch()
            claims = {claim for _pk, claim in rows}
            _count(claims, now)
            FigureClock.objects.update_or_create(pk=1, defaults={"at": now})
            done += len(claims)
        if len(rows) < 4 * BATCH:
            break
    return done


@transaction.atomic
def rebuild(*, now: datetime) -> int:
    """Count every claim anew, in one transaction; return how many."""
    _alone(wait=True)
    Fact.objects.all().delete()
    number = 0
    keys = Claim.objects.system(stories.WHY).order_by().values_list("pk", flat=True)
    for chunk in batched_keys(keys.iterator(chunk_size=BATCH)):
        number += len(chunk)
        write_facts(chunk, now=now)
    add_up(now=now)
    return number


def write_facts(claims: Collection[UUID], *, now: datetime) -> None:
    """Write the facts of claims that have none; the sums are another step (``add_up``)."""
    Fact.objects.bulk_create(
        Fact(claim_id=claim, **dict(zip(COLUMNS, key, strict=True)), n=n)
        for claim, story in stories.read(claims).items()
        for key, n in _rows(story, now).items()
    )


@transaction.atomic
def add_up(*, now: datetime) -> None:
    """Write the sums of all facts anew, which must be those of every claim at ``now``."""
    _alone(wait=True)
    TouchedClaim.objects.all().delete()
    _forget_last_touch()
    Rollup.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(SUM.format(source=FACTS))
    count_dwellings()
    FigureClock.objects.update_or_create(pk=1, defaults={"at": now, "definition": DEFINITION})


def differences(*, now: datetime) -> tuple[int, int]:
    """Return how many facts and how many sums are not what a new count gives; writes nothing."""
    wrong = 0
    keys = Claim.objects.system(stories.WHY).order_by().values_list("pk", flat=True)
    for chunk in batched_keys(keys.iterator(chunk_size=BATCH)):
        stored = _stored(chunk)
        for claim, story in stories.read(chunk).items():
            wrong += len(_changes(stored.get(claim, Counter()), _rows(story, now)))
    counted = COUNTED.format(source=FACTS)
    kept = f'SELECT {KEYS}, value, n FROM requests_rollup, unnest("values", counts) AS v(value, n)'
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (({counted} EXCEPT {kept}) UNION ALL"  # noqa: S608 - ours
            f" ({kept} EXCEPT {counted})) AS other"
        )
        return wrong, cursor.fetchone()[0]


def batched_keys(keys: Iterable[UUID]) -> Iterator[list[UUID]]:
    """Yield the keys in lists of ``BATCH``."""
    found = iter(keys)
    while chunk := list(islice(found, BATCH)):
        yield chunk


def _alone(*, wait: bool = False) -> bool:
    """Take the lock of this transaction; return False when another process has it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_{'' if wait else 'try_'}advisory_xact_lock(%s)", [LOCK])
        return wait or cursor.fetchone()[0]


def _forget_last_touch() -> None:
    """Let the triggers name a claim again that they named before in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('palier.touched', '', true)")


def _rows(story: measures.Story, now: datetime) -> Counter[Key]:
    """Return the facts of a claim: their ``COLUMNS``, and how often."""
    about = [story.about[name] for name in COLUMNS[5:]]
    return Counter(
        {
            (str(cell.measure), cell.day, cell.value, cell.contractor, cell.trade, *about): n
            for cell, n in measures.cells(story, now).items()
        }
    )


def _stored(claims: Collection[UUID]) -> dict[UUID, Counter[Key]]:
    found: dict[UUID, Counter[Key]] = {}
    for claim, n, *key in Fact.objects.filter(claim__in=claims).values_list(
        "claim_id", "n", *COLUMNS
    ):
        found.setdefault(claim, Counter())[tuple(key)] = n
    return found


def _changes(old: Counter[Key], new: Counter[Key]) -> dict[Key, int]:
    return {key: new[key] - old[key] for key in old | new if new[key] != old[key]}


def _count(claims: Collection[UUID], now: datetime) -> None:
    """Write the facts of the claims anew where they changed, and the difference of the sums."""
    told = stories.read(claims)
    stored = _stored(claims)
    delta: Counter[Key] = Counter()
    changed = []
    for claim in claims:
        new = _rows(told[claim], now) if claim in told else Counter()
        changes = _changes(stored.get(claim, Counter()), new)
        if changes:
            changed.append((claim, new))
            for key, n in changes.items():
                delta[key] += n
    if not changed:
        return
    Fact.objects.filter(claim__in=[claim for claim, _new in changed]).delete()
    Fact.objects.bulk_create(
        Fact(claim_id=claim, **dict(zip(COLUMNS, key, strict=True)), n=n)
        for claim, new in changed
        for key, n in new.items()
    )
    rows = [
        {**dict(zip(COLUMNS, key, strict=True)), "day": key[1].isoformat(), "n": n}
        for key, n in delta.items()
        if n
    ]
    with connection.cursor() as cursor:
        cursor.execute(SUM.format(source=DELTA), [json.dumps(rows)])


def _close_days(now: datetime) -> None:
    """Touch the claims whose promises fell due on a day that ended since the last time.

    A unit's day ends at its own midnight: each zone is looked at.
    """
    clock = FigureClock.objects.filter(pk=1).first()
    if clock is None or clock.definition != DEFINITION:
        # What was there before the triggers, or was counted by another definition: the facts that
        # there are make sums at once, and claims are counted again bit by bit.
        add_up(now=now)
        _touch(Claim.objects.system(stories.WHY).order_by().values_list("pk", flat=True))
        return
    begun = None
    for name in set(Unit.objects.values_list("time_zone", flat=True)):
        zone = stories.zone(name)
        last, today = clock.at.astimezone(zone).date(), now.astimezone(zone).date()
        if last != today:
            start = datetime.combine(last, time.min, tzinfo=zone)
            begun = min(begun or start, start)
    if begun:
        due = Promise.objects.filter(due_at__gte=begun, due_at__lt=now).order_by()
        _touch(due.values_list("claim_id", flat=True).distinct())
        Rollup.objects.filter(values=[]).delete()
        count_dwellings()


def _touch(keys: QuerySet) -> None:
    rows = (TouchedClaim(claim_id=key) for key in keys.iterator(chunk_size=5000))
    TouchedClaim.objects.bulk_create(rows, batch_size=5000)


def count_dwellings() -> None:
    """Write how many dwellings each residence has, where that changed."""
    residence = F("staircase__building__residence")
    counted = {
        row["place"]: row
        for row in Dwelling.objects.order_by()
        .values(place=residence, held_by=F("staircase__building__residence__unit"))
        .annotate(n=Count("pk"))
    }
    StockCount.objects.exclude(pk__in=counted).delete()
    StockCount.objects.bulk_create(
        (
            StockCount(residence_id=place, unit=row["held_by"], dwellings=row["n"])
            for place, row in counted.items()
        ),
        update_conflicts=True,
        unique_fields=["residence"],
        update_fields=["unit", "dwellings"],
    )
