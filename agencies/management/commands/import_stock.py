"""Command line for the stock: tells what a file would change, and writes it with --apply."""

import csv
from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from agencies.imports.apply import Plan, lock_stock, plan_addresses, plan_stock
from agencies.imports.ban import read_ban
from agencies.imports.generic import read_stock
from agencies.imports.reading import Reject, WrongFile, open_table
from agencies.imports.rpls import read_rpls
from agencies.models import Building, Dwelling, Residence, Staircase, Unit

READERS = {"rpls": read_rpls, "csv": read_stock, "ban": read_ban}
SHOWN = 20  # rejected lines and remarks printed; --report has every reject
PLACES = {
    Unit: "Units",
    Residence: "Residences",
    Building: "Buildings",
    Staircase: "Staircases",
}


class Command(BaseCommand):
    help = (
        "Compare a file with the housing stock. Nothing is written without --apply, and "
        "nothing is ever deleted. rpls: register of social dwellings; csv: Palier's own "
        "layout, CSV or XLSX; ban: coordinates of buildings from the national address base."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=READERS, required=True)
        parser.add_argument("--apply", action="store_true", help="write, all or nothing")
        parser.add_argument("--report", type=Path, help="CSV to write the rejected lines to")
        parser.add_argument(
            "--agency", default="", help="code of the unit for residences whose agency is not named"
        )

    def handle(self, *args, file: Path, report: Path | None, **options) -> None:
        try:
            with transaction.atomic():
                if options["apply"]:
                    lock_stock()
                plan = self.plan(file, options["format"], options["agency"])
                if report:
                    write_rejects(report, file, plan.rejects)
                if options["apply"]:
                    plan.save()
        except WrongFile as error:
            raise CommandError(error.message) from error
        for line in told(plan, options["format"]):
            self.stdout.write(line)
        if report:
            self.stdout.write(f"Rejected lines written to {report}")
        applied = "Applied." if options["apply"] else "Dry run, nothing written: add --apply."
        self.stdout.write(self.style.SUCCESS(applied))

    def plan(self, file: Path, layout: str, code: str) -> Plan:
        agency = Unit.objects.filter(code=code).first() if code else None
        if code and agency is None:
            raise CommandError(f"No unit has the code “{code}”.")
        results = READERS[layout](open_table(file))
        if layout == "ban":
            return plan_addresses(results)
        return plan_stock(results, agency=agency)


def told(plan: Plan, layout: str) -> Iterator[str]:
    """The report, line by line."""
    yield f"{'Rows read':<12}{plan.read:>9}"
    if layout == "ban":
        changed = len(plan.changed[Building])
        yield (
            f"{'Buildings':<12}{plan.seen[Building]:>9}  {changed} changed, "
            f"{plan.unchanged} unchanged, {plan.vanished} not found"
        )
    else:
        for model, name in PLACES.items():
            created, changed = len(plan.new[model]), len(plan.changed[model])
            yield (f"{name:<12}{plan.seen[model]:>9}  {created} created, {changed} changed")
        created, changed = len(plan.new[Dwelling]), len(plan.changed[Dwelling])
        yield (
            f"{'Dwellings':<12}{plan.seen[Dwelling]:>9}  {created} created, {changed} changed, "
            f"{plan.unchanged} unchanged, {plan.vanished} vanished (kept)"
        )
    for (model, name), count in sorted(plan.fields.items(), key=lambda item: -item[1]):
        yield f"  {model.__name__.lower()} {name.replace('_', ' ')} changed: {count}"
    yield f"{'Rejected':<12}{len(plan.rejects):>9}"
    for reject in plan.rejects[:SHOWN]:
        yield f"  line {reject.line}: {reject.reason}"
    if len(plan.rejects) > SHOWN:
        yield f"  … and {len(plan.rejects) - SHOWN} more: see --report"
    if plan.notes:
        yield f"{'Remarks':<12}{len(plan.notes):>9}"
        yield from (f"  {note}" for note in plan.notes[:SHOWN])
        if len(plan.notes) > SHOWN:
            yield f"  … and {len(plan.notes) - SHOWN} more"


def write_rejects(report: Path, source: Path, rejects: list[Reject]) -> None:
    """Rejected lines as read, after their number and reason; opens in any spreadsheet."""
    if report.exists() and report.samefile(source):
        raise CommandError("--report would overwrite the file that is read: choose another name.")
    headers = list(dict.fromkeys(name for reject in rejects for name in reject.raw))
    try:
        with report.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream, delimiter=";")
            writer.writerow(["line", "reason", *headers])
            for reject in rejects:
                cells = (reject.raw.get(name, "") for name in headers)
                writer.writerow([reject.line, reject.reason, *cells])
    except OSError as error:
        raise CommandError(f"{report} cannot be written: {error.strerror}") from error
