"""What a file would change: the dry run of every import, and its writing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from .tables import Reject, WrongFile

BATCH = 1000
MOST_DEPARTURES = 0.02  # share of the known rows; docs/principles.md, T13
MOST_CHANGES = 0.05
NOTES_KEPT = 200
EVERY = 500  # rows between two signs of progress

Progress = Callable[[int], None]
M = TypeVar("M", bound=models.Model)


@dataclass
class Plan:
    """Rows to create and to update by model, and what to report about it.

    ``levels``: the models written, parents first. ``watched``: those whose departures and
    changes, beyond a share of the rows ``known`` before, wait for a second person.
    """

    levels: tuple[type[models.Model], ...] = ()
    watched: tuple[type[models.Model], ...] = ()
    read: int = 0
    rejects: list[Reject] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    new: dict[type, list] = field(default_factory=lambda: defaultdict(list))
    changed: dict[type, dict[models.Model, None]] = field(default_factory=lambda: defaultdict(dict))
    fields: Counter = field(default_factory=Counter)
    seen: Counter = field(default_factory=Counter)  # distinct rows of the file by model
    known: Counter = field(default_factory=Counter)  # rows of the database by model
    implied: Counter = field(default_factory=Counter)  # new rows that the file does not tell of
    unchanged: int = 0
    doubts: list[str] = field(default_factory=list)  # always wait for a second person
    vanished: int = 0  # of the first watched model: known, not told of by the file
    absent: str = "kept"  # or "not_found": what becomes of those
    repeated: int = 0  # lines that tell again of a dwelling
    to_identify: int = 0  # dwellings of the file whose door nobody knows yet
    questions: list[dict] = field(default_factory=list)  # agencies/imports/unit_questions.py

    def rows(self, results: Iterable, progress: Progress | None = None) -> Iterator:
        """Yield the good rows, keep the others as rejects, count both and report progress.

        Raises WrongFile when there is no row at all.
        """
        for result in results:
            self.read += 1
            if progress and self.read % EVERY == 0:
                progress(self.read)
            if isinstance(result, Reject):
                self.rejects.append(result)
            else:
                yield result
        if not self.read:
            raise WrongFile(_("The file has column names but no line below them. Export it again."))
        if progress:
            progress(self.read)

    def add(self, row: M) -> M:
        """Plan the creation of ``row`` and return it."""
        self.new[type(row)].append(row)
        return row

    def update(self, row: models.Model, **values: object) -> bool:
        """Set the known values that differ on ``row``; tells whether any did."""
        different = {k: v for k, v in values.items() if v is not None and _differs(row, k, v)}
        for name, value in different.items():
            setattr(row, name, value)
            if not row._state.adding:
                self.fields[type(row), name] += 1
        if different and not row._state.adding:
            self.changed[type(row)][row] = None
        return bool(different)

    def holds(self) -> list[str]:
        """Return the reasons for which a second person must look first; empty when nobody must.

        Departures over 2 %, changes over 5 % (docs/principles.md, T13). A first file harms nothing.
        """
        reasons = list(self.doubts)
        first = self.watched[0] if self.watched else None
        known = self.known[first] if first else 0
        if first and known and self.vanished > MOST_DEPARTURES * known:
            reasons.append(
                _("%(name)s: %(number)s of %(known)s are missing from the file (over %(most)s %%).")
                % {
                    "name": capfirst(first._meta.verbose_name_plural),
                    "number": self.vanished,
                    "known": known,
                    "most": round(MOST_DEPARTURES * 100),
                }
            )
        for model in self.watched:
            number, known = len(self.changed[model]), self.known[model]
            if known and number > MOST_CHANGES * known:
                reasons.append(
                    _("%(name)s: %(number)s of %(known)s would change (over %(most)s %%).")
                    % {
                        "name": capfirst(model._meta.verbose_name_plural),
                        "number": number,
                        "known": known,
                        "most": round(MOST_CHANGES * 100),
                    }
                )
        return reasons

    def unconfirmed(self) -> list[dict]:
        """Return the questions whose proposal nobody may take for granted."""
        return [question for question in self.questions if not question["sure"]]

    def report(self) -> dict:
        """Return the dry run as plain data, for the screen and for the history of imports."""
        first = self.watched[0] if self.watched else None
        shown = [model for model in self.levels if self.seen[model] or self.changed[model]]
        return {
            "read": self.read,
            "absent": self.absent,
            "lines": [
                {
                    "model": model._meta.label,
                    "file": self.seen[model],
                    "created": len(self.new[model]) - self.implied[model],
                    "changed": len(self.changed[model]),
                    "unchanged": self.unchanged if model is first else None,
                    "vanished": self.vanished if model is first else None,
                }
                for model in shown
            ],
            "fields": [
                {"model": model._meta.label, "field": name, "changed": count}
                for (model, name), count in self.fields.most_common()
            ],
            "rejected": len(self.rejects),
            "repeated": self.repeated,
            "to_identify": self.to_identify,
            "questions": self.questions,
            "notes": self.notes[:NOTES_KEPT],
            "more_notes": max(0, len(self.notes) - NOTES_KEPT),
            "holds": self.holds(),
        }

    def save(self) -> None:
        """Write everything in batches, parents first. The caller holds the transaction."""
        for model in self.levels:
            manager = model._default_manager
            manager.bulk_create(self.new[model], batch_size=BATCH)
            names = sorted({name for kind, name in self.fields if kind is model})
            if names:
                manager.bulk_update(list(self.changed[model]), names, batch_size=BATCH)


def _differs(row: models.Model, name: str, value: object) -> bool:
    if isinstance(value, models.Model):
        return value._state.adding or getattr(row, f"{name}_id") != value.pk
    return getattr(row, name) != value
