"""What invented claims need, looked up once, and how often each thing happens."""

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import accumulate
from random import Random
from typing import Any
from uuid import UUID

import holidays

from portal.access import Role
from requests.catalogue.models import Category
from requests.demo.bulk_copy import Bulk
from requests.demo.landlord import Desks, Home
from requests.demo.people import Holder
from requests.demo.pictures import Picture
from requests.kit.choices import Channel
from requests.promises import deadlines

MONTHS = 36
# How often each family is met, per hundred claims or so.
FREQUENCY = {
    "PLO": 18,
    "CHA": 16,
    "ELE": 8,
    "SER": 7,
    "MEN": 6,
    "VMC": 4,
    "HUM": 6,
    "TOI": 2,
    "ASC": 6,
    "ACC": 5,
    "COM": 5,
    "PRO": 5,
    "NUI": 4,
    "EXT": 3,
    "TEL": 2,
    "REV": 3,
    "VOI": 7,
    "SIN": 2,
    "ADM": 4,
    "BAI": 3,
    "LOY": 5,
    "ADA": 1.5,
    "TRA": 2,
    "SOC": 1,
    "COL": 0.5,
    "GAZ": 0.5,
}
# January to December; a family or a category that is not named is the same all year.
SEASONS: dict[str, list[float]] = {
    "CHA": [10, 9, 6, 3, 1, 0.3, 0.2, 0.2, 1, 6, 9, 10],
    "HUM": [9, 8, 6, 3, 1, 0.5, 0.5, 0.5, 1, 4, 8, 9],
    "TOI": [6, 6, 5, 3, 2, 3, 2, 3, 4, 6, 7, 6],
    "NUI": [1, 1, 2, 3, 5, 7, 8, 8, 6, 3, 1, 1],
    "VOI": [3, 3, 4, 5, 6, 8, 10, 9, 6, 4, 3, 3],
    "LOY": [8, 5, 4, 3, 3, 3, 3, 3, 8, 6, 4, 4],
    "NUI-05": [0, 0, 0, 0.5, 2, 6, 10, 10, 6, 1, 0, 0],
    "EXT-06": [10, 8, 2, 0, 0, 0, 0, 0, 0, 0, 1, 6],
}
HOURS = [0, 0, 0, 0, 0, 0.2, 1, 3, 6, 8, 8, 6, 4, 4, 5, 5, 5, 5, 5, 4, 3, 2, 1, 0.3]  # UTC
CHANNELS = {
    Channel.PHONE: 34,
    Channel.WEB: 30,
    Channel.EMAIL: 14,
    Channel.COUNTER: 11,
    Channel.SMS: 7,
    Channel.LETTER: 4,
}


class WeightedChoice:
    """Draw keys by their weight."""

    def __init__(self, weights: dict) -> None:
        self.keys = list(weights)
        self.sums = list(accumulate(weights.values()))

    def draw(self, rng: Random) -> Any:
        return self.keys[bisect_left(self.sums, rng.random() * self.sums[-1])]


@dataclass
class World:
    """The landlord around the claims.

    ``staff`` is by unit index (None for head office), then role.
    """

    bulk: Bulk
    rng: Random
    now: datetime
    homes: list[Home]
    holders: dict[int, list[Holder]]
    staff: dict[int | None, dict[str, list[UUID]]]
    desks: Desks
    photos: dict[str, list[Picture]]
    calendar: deadlines.Calendar = field(init=False)
    categories: WeightedChoice = field(init=False)
    by_code: dict[str, Category] = field(init=False)
    references: set[str] = field(default_factory=set)
    filed: int = 0

    def __post_init__(self) -> None:
        spans = [(time(8, 30), time(12, 30)), (time(13, 30), time(17, 30))]
        years = range(self.now.year - 3, self.now.year + 2)
        off = frozenset(holidays.country_holidays("FR", years=years))
        self.calendar = deadlines.Calendar("Europe/Paris", dict.fromkeys(range(5), spans), off)
        found = Category.objects.select_related("family").filter(active=True).order_by("code")
        self.by_code = {category.code: category for category in found}
        self.categories = WeightedChoice({category: _frequency(category) for category in found})
        self.hours = WeightedChoice(dict(enumerate(HOURS)))
        self.channels = WeightedChoice(CHANNELS)
        self.days = self._days()
        self.months: dict[str, WeightedChoice] = {}

    def _days(self) -> list[datetime]:
        """Return the first instants of the days of the last months, then today's."""
        month = self.now.year * 12 + self.now.month - 1
        return [
            datetime((month - back) // 12, (month - back) % 12 + 1, 1, tzinfo=UTC)
            for back in range(MONTHS, -1, -1)
        ]

    def member(self, unit: int | None, role: str = Role.AGENT) -> UUID:
        return self.rng.choice(self.staff[unit][role])

    def moment(self, category: Category) -> datetime:
        """Return when such a claim was filed: by season, few at weekends, at least ten days ago."""
        code = category.code if category.code in SEASONS else category.family.code
        if code not in self.months:
            weights = SEASONS.get(code, [1] * 12)
            self.months[code] = WeightedChoice(
                {start: weights[start.month - 1] for start in self.days if weights[start.month - 1]}
            )
        latest = self.now - timedelta(days=10)
        while True:
            start = self.months[code].draw(self.rng)
            at = start + timedelta(
                days=self.rng.randrange(31),
                hours=self.hours.draw(self.rng),
                seconds=self.rng.randrange(3600),
            )
            if at < latest and (at.weekday() < 5 or self.rng.random() < 0.35):
                return at

    def promise(self, category: Category, at: datetime, *, on_call: bool = False) -> datetime:
        """Return the first promised date, as routing gives it."""
        hours, urgency = float(category.ack_hours), category.urgency
        due = deadlines.promise(at, urgency, hours, self.calendar, on_call=on_call)
        if due is None:
            raise ValueError("a promise without a pause always has a date")
        return due

    def recent(self, category: Category, share: float) -> datetime:
        """Return a moment of filing whose promise still holds.

        ``share`` 0 is just now, 1 is almost late.

        Beyond 1 the promise is late by that much more.
        """
        near, far = timedelta(), timedelta(days=20)
        for _ in range(24):
            middle = (near + far) / 2
            if self.promise(category, self.now - middle) > self.now:
                near = middle
            else:
                far = middle
        return self.now - near * share - timedelta(minutes=2)


def _frequency(category: Category) -> float:
    rarity = 1 / (2 + (30 if category.public_rank is None else category.public_rank))
    danger = 0.04 if category.urgency == "U0" else 1
    return FREQUENCY.get(category.family.code, 1) * rarity * danger
