"""Report what an import would do: lines for a terminal, rejected rows for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from django.apps import apps
from django.core.management.base import CommandError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.models import Unit
from portal.export import write_csv

from .plan import Progress
from .tables import Reject
from .unit_questions import ASIDE, NEW, SEGMENTS, UNITS

SHOWN = 20  # rejected lines and remarks printed; the report file has every reject
WIDTH = 30


def name_of(model: str) -> str:
    """Return the plural name of a model: ``"agencies.Dwelling"`` → « Logements »."""
    return capfirst(str(apps.get_model(model)._meta.verbose_name_plural))


def field_of(model: str, name: str) -> str:
    """Return the name of a field: ``("agencies.Dwelling", "door")`` → « porte »."""
    return str(apps.get_model(model)._meta.get_field(name).verbose_name)


def absent_text(kind: str, number: int) -> str:
    """Return how many known rows the file does not name, in the words of the file's kind."""
    words = {"kept": _("%(number)s vanished (kept)"), "not_found": _("%(number)s not found")}
    return words[kind] % {"number": number}


def report_lines(report: dict, rejects: list[Reject]) -> Iterator[str]:
    """Yield the report of a plan, line by line, for a terminal."""
    # Words apart from the f-strings: their extractor does not look inside.
    read, rejected, remarks = _("Rows read"), _("Rejected"), _("Remarks")
    yield f"{read:<20}{report['read']:>9}"
    for line in report["lines"]:
        parts = [
            _("%(number)s created") % {"number": line["created"]},
            _("%(number)s changed") % {"number": line["changed"]},
        ]
        if line["unchanged"] is not None:
            parts.append(_("%(number)s unchanged") % {"number": line["unchanged"]})
            parts.append(absent_text(report["absent"], line["vanished"]))
        yield f"{name_of(line['model']):<20}{line['file']:>9}  {', '.join(parts)}"
    for change in report["fields"]:
        what = f"{name_of(change['model'])}, {field_of(change['model'], change['field'])}"
        yield "  " + _("%(what)s: %(number)s changed") % {
            "what": what,
            "number": change["changed"],
        }
    for name, number in told_counts(report):
        yield f"{name:<20}{number:>9}"
    if report["questions"]:
        yield _("Which unit holds what:")
        yield from map(question_line, report["questions"])
    yield f"{rejected:<20}{len(rejects):>9}"
    for reject in rejects[:SHOWN]:
        yield "  " + _("line %(line)s: %(what)s") % {"line": reject.line, "what": reject.reason}
    yield from _more(len(rejects))
    notes = report["notes"]
    if notes:
        yield f"{remarks:<20}{len(notes) + report['more_notes']:>9}"
        yield from (f"  {note}" for note in notes[:SHOWN])
        yield from _more(len(notes) + report["more_notes"])


def changes_nothing(report: dict) -> bool:
    """Return whether a file would write nothing: there is nothing to approve then."""
    written = any(line["created"] or line["changed"] for line in report.get("lines", []))
    return not written and not report.get("questions")


def told_counts(report: dict) -> list[tuple[str, int]]:
    """Return what else is counted, where there is any: dwellings without door, lines told twice."""
    counts = [
        (_("To identify on site"), report.get("to_identify", 0)),
        (_("Repeated"), report.get("repeated", 0)),
    ]
    return [(name, number) for name, number in counts if number]


def answers_of(question: dict) -> list[tuple[str, str]]:
    """Return the possible answers: (code, words), the proposal first."""
    if question["key"] == SEGMENTS:
        answers = [
            (ASIDE, _("No: leave the segments aside")),
            (UNITS, _("Yes: each is a unit, create them")),
        ]
    else:
        answers = [(unit.code, unit.name) for unit in Unit.objects.order_by("kind", "name")]
        new = _("create “%(name)s”") % {"name": question["new_name"]}
        answers.append((NEW, new))
    return sorted(answers, key=lambda answer: answer[0] != question["proposal"])


def question_line(question: dict) -> str:
    """Return a question with its proposal, for a terminal."""
    words = {"label": question["label"], "key": question["key"], "number": question["dwellings"]}
    words["answer"] = answers_of(question)[0][1]
    return "  " + _("%(label)s (%(key)s), %(number)s dwellings: %(answer)s") % words


def _more(number: int) -> Iterator[str]:
    left = number - SHOWN
    if left > 0:
        yield "  " + ngettext("… and %(left)s more", "… and %(left)s more", left) % {"left": left}


def write_rejects(stream: TextIO, rejects: Iterable[Reject]) -> None:
    """Write rejected lines as read, after their number and reason; opens in any spreadsheet."""
    rejects = list(rejects)
    headers = list(dict.fromkeys(name for reject in rejects for name in reject.raw))
    heads = [_("line"), _("reason"), *headers]
    rows = ([r.line, r.reason, *(r.raw.get(name, "") for name in headers)] for r in rejects)
    write_csv(stream, [heads, *rows])


def save_rejects(report: Path, source: Path, rejects: list[Reject]) -> None:
    """Write rejected lines into the file ``report``.

    Raises CommandError when that is impossible.
    """
    if report.exists() and report.samefile(source):
        raise CommandError(
            _("--report would overwrite the file that is read: choose another name.")
        )
    try:
        with report.open("w", encoding="utf-8", newline="") as stream:
            write_rejects(stream, rejects)
    except OSError as error:
        raise CommandError(
            _("%(file)s cannot be written: %(why)s") % {"file": report, "why": error.strerror}
        ) from error


def bar(stream, total: int) -> Progress | None:
    """Return a progress bar for a terminal; None when ``stream`` is not one."""
    if not stream.isatty():
        return None

    def show(done: int) -> None:
        share = min(1, done / max(total, 1))
        stream.write(f"\r[{'█' * round(share * WIDTH):<{WIDTH}}] {done}/{total} ", ending="")
        stream.flush()
        if share == 1:
            stream.write("")

    return show
