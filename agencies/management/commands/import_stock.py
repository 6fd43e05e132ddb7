"""Command line for the stock: tells what a file would change, and writes it with --apply."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from agencies.imports import readers
from agencies.imports.apply import one_import
from agencies.imports.plan import Plan
from agencies.imports.reading import WrongFile, open_table
from agencies.imports.told import bar, save_rejects, told
from agencies.models import Unit


class Command(BaseCommand):
    help = (
        "Compare a file with the housing stock. Nothing is written without --apply, and "
        "nothing is ever deleted. rpls: register of social dwellings; csv: Palier's own "
        "layout, CSV or XLSX; ban: coordinates of buildings from the national address base."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=readers.STOCK, required=True)
        parser.add_argument("--apply", action="store_true", help="write, all or nothing")
        parser.add_argument(
            "--approve",
            action="store_true",
            help="write although over 2 %% of the dwellings left or over 5 %% changed",
        )
        parser.add_argument("--report", type=Path, help="CSV to write the rejected lines to")
        parser.add_argument(
            "--agency", default="", help="code of the unit for residences whose agency is not named"
        )
        parser.add_argument(
            "--one-agency",
            action="store_true",
            help="the segments of the file are not agencies: leave them aside",
        )

    def handle(self, *args, file: Path, report: Path | None, **options) -> None:
        try:
            with one_import():
                plan = self.plan(file, options)
                if report:
                    save_rejects(report, file, plan.rejects)
                held = plan.holds()
                if options["apply"] and (options["approve"] or not held):
                    with transaction.atomic():
                        plan.save()
        except WrongFile as error:
            raise CommandError(error.message) from error
        for line in told(plan.report(), plan.rejects):
            self.stdout.write(line)
        if report:
            self.stdout.write(f"Rejected lines written to {report}")
        for reason in held:
            self.stdout.write(self.style.WARNING(reason))
        if not options["apply"]:
            self.stdout.write("Dry run, nothing written: add --apply.")
        elif held and not options["approve"]:
            raise CommandError("Nothing written: look at the figures, then add --approve.")
        else:
            self.stdout.write(self.style.SUCCESS("Applied."))

    def plan(self, file: Path, options: dict) -> Plan:
        code = options["agency"]
        agency = Unit.objects.filter(code=code).first() if code else None
        if code and agency is None:
            raise CommandError(f"No unit has the code “{code}”.")
        table = open_table(file)
        progress = bar(self.stderr, table.line_count)
        return readers.STOCK[options["format"]](
            table, agency=agency, one_agency=options["one_agency"], progress=progress
        )
