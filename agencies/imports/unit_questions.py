"""Which unit holds what, where a file alone does not say: asked once, with a proposal.

A question is about a segment that the file names and that is none of our units, or about a commune
where new residences have no segment. The answer is kept, so that no later file asks again.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

from django.utils.text import slugify

from agencies.models import Residence, Unit, UnitName

from .keys import digest
from .tables import canonical

NEW = "+"  # the answer that creates a unit of the proposed name
SEGMENTS = "segments"  # the question whether so many segments are agencies at all
ASIDE, UNITS = "aside", "units"  # its answers
ANSWERS = (NEW, ASIDE, UNITS)  # those that are no unit's code
MOST_NEW_UNITS = 30  # a landlord has a few agencies; more segments are probably not agencies
CLOSE = 0.8  # two names of one unit, with a misspelling


@dataclass
class Question:
    """One name that the file gives, how much it stands for, and the unit proposed for it.

    ``sure``: nobody needs to confirm it, though it may be changed. ``alarm``: the name is none of
    our units', so that it is a misspelling more often than a unit that opened.
    """

    key: str
    label: str
    proposal: str
    new_name: str = ""
    sure: bool = False
    alarm: bool = False
    dwellings: int = 0
    residences: int = 0


class Units:
    """The units, by all the names that files give them."""

    def __init__(
        self,
        *,
        agency: Unit | None,
        answers: dict[str, str],
        create: Callable[[Unit], Unit],
        only: Callable[[], Unit | None],
        remember: Callable[[UnitName], UnitName],
        residences: Iterable[Residence],
    ) -> None:
        self.agency, self.answers = agency, answers
        self.create, self.only, self.remember = create, only, remember
        self.by_code = {unit.code: unit for unit in Unit.objects.all()}
        self.agencies = [u for u in self.by_code.values() if u.kind != Unit.Kind.HEAD_OFFICE]
        self.first = not self.agencies  # nothing was imported nor set yet
        self.names = {n.key: n.unit for n in UnitName.objects.select_related("unit")}
        self.questions: dict[str, Question] = {}
        self.found: dict[str, Unit] = {}
        self.held: dict[str, Counter[str]] = {}
        for residence in residences:
            self.hold(residence.commune, residence.postcode, residence.unit)

    def hold(self, commune: str, postcode: str, unit: Unit) -> None:
        """Note that ``unit`` has a residence there: the best sign for the next one."""
        if unit.kind != Unit.Kind.HEAD_OFFICE:
            for place in (canonical(commune), postcode[:3], postcode[:2], ""):
                self.held.setdefault(place, Counter())[unit.code] += 1

    def known_segment(self, code: str, name: str) -> Unit | None:
        """Return the unit that this segment is known to be."""
        key = segment_key(code, name)
        answer = self.answers.get(key, "")
        return self.by_code.get(answer) or self.names.get(key) or self.by_code.get(key[8:])

    def of_segment(self, code: str, name: str) -> Unit:
        """Return the unit of a segment: known, answered, or proposed by a question."""
        key = segment_key(code, name)
        if (unit := self.found.get(key)) is not None:
            return unit
        unit = self.known_segment(code, name)
        question = None
        if unit is None or key in self.answers:
            label = " ".join(name.split()) or code
            close = None if self.first else self._closest(label) or self._likely()
            proposal = close.code if close else NEW
            question = Question(key, label, proposal, label[:120], sure=self.first)
            question.alarm = not self.first
            unit = self._answer(question)
        self.found[key] = unit
        return unit

    def of_commune(self, commune_code: str, commune: str, postcode: str) -> Unit:
        """Return the unit of new residences for which no line names one."""
        if self.agency:
            return self.agency
        key = commune_key(commune_code, commune)
        if (unit := self.found.get(key)) is not None:
            return unit
        unit = self.names.get(key) if key not in self.answers else None
        unit = unit or (self.only() if key not in self.answers else None)
        if unit is None:
            place = canonical(commune)
            sure = place in self.held
            near = (place, postcode[:3], postcode[:2], "")
            votes = next((self.held[p] for p in near if self.held.get(p)), Counter())
            proposal = min(votes, key=lambda c: (-votes[c], c)) if votes else ""
            proposal = proposal or min(unit.code for unit in self.agencies)
            label = " ".join(filter(None, (postcode, commune or commune_code)))
            unit = self._answer(Question(key, label, proposal, label[:120], sure=sure))
        self.found[key] = unit
        return unit

    def count(self, key: str, dwellings: int) -> None:
        """Count what a question stands for."""
        if question := self.questions.get(key):
            question.dwellings += dwellings
            question.residences += 1

    def _closest(self, label: str) -> Unit | None:
        """Return the agency that has nearly this name: a misspelling, or the word for agency."""
        name = _bare(label)
        scored = [
            (difflib.SequenceMatcher(None, name, _bare(u.name)).ratio(), u.code, u)
            for u in self.agencies
        ]
        best = max(scored, default=None, key=lambda s: (s[0], s[1]))
        return best[2] if best and best[0] >= CLOSE else None

    def _likely(self) -> Unit | None:
        """Return the agency that holds most: nobody creates a unit by a name that is not known."""
        votes = self.held.get("", Counter())
        code = min(votes, key=lambda c: (-votes[c], c)) if votes else ""
        code = code or min((unit.code for unit in self.agencies), default="")
        return self.by_code.get(code)

    def _answer(self, question: Question) -> Unit:
        """Ask, and return the unit of the answer; of the proposal until there is one."""
        self.questions[question.key] = question
        code = self.answers.get(question.key) or question.proposal
        unit = self.by_code.get(code) if code != NEW else None
        own = slugify(question.key.split(":", 1)[1])[:30]
        if unit is None:
            unit = self.by_code.get(own)
        if unit is None:
            kind = (
                Unit.Kind.BRANCH if "ANTENNE" in canonical(question.new_name) else Unit.Kind.AGENCY
            )
            unit = self.create(Unit(code=own or "agence", name=question.new_name, kind=kind))
            self.by_code[unit.code] = unit
            self.agencies.append(unit)
        asked = not question.sure or question.key in self.answers
        if asked and unit.code != own and question.key not in self.names:
            self.names[question.key] = unit
            self.remember(UnitName(key=question.key, unit=unit))
        return unit

    def told(self) -> list[dict]:
        """Return the questions as plain data, those to confirm first, then the largest."""
        ordered = sorted(self.questions.values(), key=lambda q: (q.sure, -q.dwellings, q.key))
        return [asdict(question) for question in ordered]


def segment_key(code: str, name: str) -> str:
    """Return the key of a segment, of which the rest is the code of its own unit."""
    slug = slugify(code) or slugify(name) or "agence"
    return f"segment:{slug if len(slug) <= 30 else f'{slug[:21]}-{digest(slug)}'}"


def commune_key(code: str, name: str) -> str:
    """Return the key of a commune."""
    return f"commune:{code or canonical(name)}"[:160]


def _bare(name: str) -> str:
    words = canonical(name).split("_")
    return " ".join(w for w in words if w not in {"AGENCE", "ANTENNE", "DE", "DU", "LA", "LE", "L"})
