"""What a wave found: counted once when it closes, kept with it, and masked when it is read.

Kept are the questions and numbers only: rates by unit and channel, and how often each mark was
given, by question with unit and by question with channel. Pages, boards and files read them
through ``read``, which hides what is about one to four persons, whoever reads
(``requests/kit/masks.py``).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count
from django.utils import translation
from django.utils.formats import number_format

from portal.punctuation import percent
from requests.kit import masks
from requests.surveys import statistics
from requests.surveys.models import Survey, SurveyAnswer, SurveyInvitation, SurveyMark
from requests.surveys.statistics import Mean

State = SurveyInvitation.State
REASON = "counting a survey"


def count(survey: Survey) -> dict[str, Any]:
    """Return the rates and marks of a wave as JSON; call it before answers are separated."""
    worded = SurveyAnswer.objects.system(REASON).filter(survey=survey).exclude(words="")
    texts = survey.questions.values_list("position", "text_fr", "text_en")
    return {
        "questions": [list(row) for row in texts],
        "homes": survey.frame.get("homes", {}),
        "rates": rates(survey),
        "marks": {"unit": _marks(survey, "unit__code"), "channel": _marks(survey, "channel")},
        "words": worded.count(),
    }


def rates(survey: Survey) -> list[dict[str, Any]]:
    """Return how many were asked, reached, answered and refused, by unit and asking channel."""
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    rows = (
        SurveyInvitation.objects.system(REASON)
        .filter(survey=survey)
        .order_by()
        .values_list("unit__code", "channel", "state")
        .annotate(n=Count("pk"))
    )
    for unit, channel, state, n in rows:
        cell = found[unit, channel]
        cell["asked"] += n
        cell["answered"] += n if state == State.ANSWERED else 0
        cell["refused"] += n if state == State.REFUSED else 0
    return [
        {
            "unit": unit,
            "channel": channel,
            "asked": cell["asked"],
            "answered": cell["answered"],
            "refused": cell["refused"],
        }
        for (unit, channel), cell in sorted(found.items())
    ]


def _marks(survey: Survey, by: str) -> dict[str, dict[str, list[int]]]:
    """Return question → unit or channel → how often each mark was given."""
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(statistics.empty))
    rows = SurveyMark.objects.system(REASON).filter(answer__survey=survey).order_by()
    names = ("question__position", f"answer__{by}", "value")
    for position, key, value, n in rows.values_list(*names).annotate(n=Count("pk")):
        found[str(position)][key][value] += n
    return {position: dict(cells) for position, cells in found.items()}


@dataclass(frozen=True)
class Rate:
    """How many were asked and answered, of a unit or by a channel; ``key`` is its code."""

    key: str
    asked: int
    answered: int
    refused: int

    @property
    def share(self) -> float | None:
        """Return the response rate; None when nobody was asked."""
        return self.answered / self.asked if self.asked else None

    @property
    def said(self) -> str:
        """Return the response rate as « 38 % »; 0 when nobody was asked."""
        return percent(round(100 * (self.share or 0)))


def summed(lines: Iterable[Mapping[str, Any]], by: str = "") -> list[Rate]:
    """Return the rates by ``unit`` or ``channel``, or one for all."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        found[line[by] if by else ""].update({
            name: line[name] for name in ("asked", "answered", "refused")
        })  # fmt: skip
    return [
        Rate(key, cell["asked"], cell["answered"], cell["refused"])
        for key, cell in sorted(found.items())
    ]


@dataclass(frozen=True)
class Group:
    """One unit or channel in a question. ``hidden``: one to four answered, or it tells such one."""

    key: str
    n: int
    mean: Mean | None
    hidden: bool

    @property
    def low(self) -> str:
        """Return the lower end of the interval as it is read; "" when it is hidden."""
        return number_format(self.mean.low, 1) if self.mean else ""

    @property
    def high(self) -> str:
        """Return the upper end of the interval as it is read; "" when it is hidden."""
        return number_format(self.mean.high, 1) if self.mean else ""


@dataclass(frozen=True)
class Found:
    """What is known of one question. ``mean`` counts each unit by its homes.

    ``satisfied``: share of marks from 7 with its interval. ``before``: the same of the last wave
    that asked it in the same words; ``changed``: more than chance lets it.
    """

    position: int
    text_fr: str
    text_en: str
    mean: Mean | None
    satisfied: tuple[float, float, float] | None
    cell: list[int]
    units: list[Group] = field(default_factory=list)
    channels: list[Group] = field(default_factory=list)
    before: Mean | None = None
    changed: bool = False

    @property
    def slug(self) -> str:
        """Return a name for its part of a page."""
        return f"q{self.position}"

    @property
    def low(self) -> str:
        """Return the lower end of the interval as it is read; "" when it is hidden."""
        return number_format(self.mean.low, 1) if self.mean else ""

    @property
    def high(self) -> str:
        """Return the upper end of the interval as it is read; "" when it is hidden."""
        return number_format(self.mean.high, 1) if self.mean else ""

    @property
    def text(self) -> str:
        """Return the question in the active language."""
        english = (translation.get_language() or "").startswith("en")
        return self.text_en if english else self.text_fr


def read(survey: Survey, before: Survey | None = None) -> list[Found]:
    """Return what a closed wave found, masked; ``before`` is the wave to compare with.

    Of fewer than five answers in all nothing is said. It asks the database nothing.
    """
    past = {} if before is None else {one.text_fr: one.mean for one in read(before)}
    return [
        _found(survey, position, text_fr, text_en, past)
        for position, text_fr, text_en in survey.results.get("questions", [])
    ]


def _found(
    survey: Survey, position: int, text_fr: str, text_en: str, past: Mapping[str, Mean | None]
) -> Found:
    kept = survey.results.get("marks", {})
    units = kept.get("unit", {}).get(str(position), {})
    channels = kept.get("channel", {}).get(str(position), {})
    homes = survey.results.get("homes", {})
    cell = statistics.add(units.values())
    if sum(cell) < masks.PERSONS:
        return Found(position, text_fr, text_en, None, None, statistics.empty())
    mean, earlier = statistics.weighted(units, homes), past.get(text_fr)
    return Found(
        position,
        text_fr,
        text_en,
        mean,
        statistics.satisfied(cell),
        cell,
        _groups(units, homes),
        _groups(channels, {}),
        earlier,
        bool(mean and earlier and statistics.differ(mean, earlier)),
    )


def _groups(cells: Mapping[str, list[int]], homes: Mapping[str, int]) -> list[Group]:
    line = {key: sum(cell) for key, cell in cells.items()}
    hidden = masks.hidden(line, total_shown=True)
    return [
        Group(
            key,
            line[key],
            None if key in hidden else statistics.mean(cell, homes.get(key, 0)),
            key in hidden,
        )
        for key, cell in sorted(cells.items())
    ]


def closed(most: int = 2) -> list[Survey]:
    """Return the last waves that closed, newest first; one statement."""
    rows = Survey.objects.filter(closed_at__isnull=False).order_by("-closes", "-closed_at")
    return list(rows[:most])


def wave_before(survey: Survey) -> Survey | None:
    """Return the wave that closed last before this one."""
    rows = Survey.objects.filter(closed_at__isnull=False, closes__lt=survey.closes)
    return rows.order_by("-closes").first()
