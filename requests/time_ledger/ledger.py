"""Reckon the ledger from events: uses, fields filled, minutes of each step; and what a field costs.

A step lasts from the same person's previous step until it is written, when that is no longer than
``PAUSE``; what follows a longer silence says nothing of its length and is left out. Persons are
told apart only inside the statement: no line is about one (docs/principles.md, D5), and a line of
fewer than ten requests or five colleagues is not shown, nor the line beside it that would tell it
by subtraction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from portal.access import STAFF_ROLES
from portal.database import readers
from requests.kit.disclosure import SMALL
from requests.time_ledger.screens import BY_EVENT, SCREENS, Screen

PAUSE = timedelta(minutes=15)
DAYS = 90
FEW_COLLEAGUES = 5
SECONDS = 6.0  # to fill a field in, where nobody says otherwise
SQL = """
WITH typed AS (
    SELECT * FROM unnest(%s::text[], %s::text[]) AS t(event, fact)
), steps AS (
    SELECT event.name, event.claim_id, event.actor_id, event.facts,
        coalesce(residence.unit_id, desk.unit_id) AS unit_id,
        extract(epoch FROM event.at - lag(event.at) OVER (
            PARTITION BY event.actor_id ORDER BY event.at, event.id
        )) AS seconds
    FROM requests_claimevent event
    JOIN requests_claim claim ON claim.id = event.claim_id
    LEFT JOIN agencies_residence residence ON residence.id = claim.residence_id
    LEFT JOIN agencies_desk desk ON desk.id = claim.owner_id
    WHERE event.at >= %s AND event.at < %s AND event.actor_id IS NOT NULL
    AND event.role = ANY(%s) AND event.undone_at IS NULL
)
SELECT GROUPING(unit.code) = 1, unit.code, unit.name, steps.name,
    count(*), count(DISTINCT claim_id), count(DISTINCT actor_id),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE seconds <= %s),
    coalesce(sum((
        SELECT count(*) FROM typed WHERE typed.event = steps.name
        AND coalesce(steps.facts ->> typed.fact, '') <> ''
    )), 0)
FROM steps LEFT JOIN agencies_unit unit ON unit.id = steps.unit_id
WHERE steps.name = ANY(%s) AND (%s = '' OR unit.code = %s)
GROUP BY GROUPING SETS ((steps.name), (unit.code, unit.name, steps.name))
"""


@dataclass(frozen=True)
class Line:
    """One screen, of one unit (``unit`` empty where a request has none) or of all of them.

    ``minutes`` is the median of a use, None where none followed another closely enough.
    """

    screen: Screen
    is_whole: bool
    unit: str
    unit_name: str
    uses: int
    claims: int
    colleagues: int
    minutes: float | None
    fields: int

    @property
    def shown(self) -> bool:
        """Return whether enough requests and colleagues are in it."""
        return self.claims >= SMALL and self.colleagues >= FEW_COLLEAGUES

    @property
    def fields_each(self) -> float:
        return self.fields / self.uses

    @property
    def minutes_a_claim(self) -> float | None:
        """Return the minutes that this screen takes of each request that passes it."""
        return None if self.minutes is None else self.minutes * self.uses / self.claims

    def hours(self, days: int) -> float:
        """Return the hours a year that the screen costs; of ``days`` that were counted."""
        return (self.minutes or 0.0) * self.uses * 365 / days / 60


def lines(*, now: datetime, days: int = DAYS, unit: str = "") -> tuple[list[Line], list[Line]]:
    """Return the lines of all units together and those of each unit, in the order of the screens.

    Lines that too few requests or colleagues stand behind are left out. ``unit``: its code, and
    then "all" are its own. The landlord reads: a line says nothing of a person.
    """
    pairs = [(s.event.value, fact) for s in SCREENS for fact in s.fields]
    values: list[Any] = [
        [event for event, _fact in pairs],
        [fact for _event, fact in pairs],
        now - timedelta(days=days),
        now,
        sorted(str(role) for role in STAFF_ROLES),
        PAUSE.total_seconds(),
        list(BY_EVENT),
        unit,
        unit,
    ]
    with readers.reading_as(None), connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(SQL, values)
        rows = cursor.fetchall()
    found = [
        Line(
            BY_EVENT[name],
            is_whole,
            code or "",
            unit_name or "",
            uses,
            claims,
            colleagues,
            None if seconds is None else float(seconds) / 60,
            int(fields),
        )
        for is_whole, code, unit_name, name, uses, claims, colleagues, seconds, fields in rows
    ]
    order = {screen.event.value: place for place, screen in enumerate(SCREENS)}
    found.sort(key=lambda line: (order[line.screen.event.value], line.unit_name))
    whole = [line for line in found if line.is_whole and line.shown]
    parts = [line for line in found if not line.is_whole]
    told = {line for row in whole for line in _told(parts, row.screen)}
    return whole, [line for line in parts if line in told and line.unit]


def _told(parts: list[Line], screen: Screen) -> set[Line]:
    """Return the lines of units that may stand beside the shown line of all of them.

    A single one that is too small could be computed: the smallest of the others goes with it.
    """
    of_screen = [line for line in parts if line.screen == screen]
    told = sorted((line for line in of_screen if line.shown), key=lambda line: line.uses)
    return set(told[1:] if len(told) == len(of_screen) - 1 else told)


@dataclass(frozen=True)
class Price:
    """What one more field on a screen would cost: hours a year, in all and by unit."""

    screen: Screen
    seconds: float
    hours: float
    by_unit: tuple[tuple[str, float], ...]


def price(
    whole: list[Line], by_unit: list[Line], *, event: str, seconds: float, days: int = DAYS
) -> Price | None:
    """Return the price of a field on the screen of ``event``; None where it was not used enough."""
    line = next((row for row in whole if row.screen.event == event), None)
    if line is None:
        return None

    def hours(row: Line) -> float:
        return row.uses * 365 / days * seconds / 3600

    units = [(row.unit_name, hours(row)) for row in by_unit if row.screen.event == event]
    return Price(line.screen, seconds, hours(line), tuple(units))
