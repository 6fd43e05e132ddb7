"""What the import commands share: dry run by default, a report, all or nothing."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from .apply import one_import
from .plan import Plan, Progress
from .report import bar, report_lines, save_rejects
from .tables import Table, WrongFile, open_table


class ImportCommand(BaseCommand):
    """The base of the import commands; a subclass gives ``plan``.

    From an opened file to its changes.
    """

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--apply", action="store_true", help="write, all or nothing")
        parser.add_argument(
            "--approve",
            action="store_true",
            help="write although over 2 %% of what is known left or over 5 %% changed",
        )
        parser.add_argument("--report", type=Path, help="CSV to write the rejected lines to")

    def plan(self, table: Table, progress: Progress | None, options: dict) -> Plan:
        raise NotImplementedError

    def handle(self, *args, file: Path, report: Path | None, **options) -> None:
        try:
            table = open_table(file)
            with one_import():
                plan = self.plan(table, bar(self.stderr, table.line_count), options)
                if report:
                    save_rejects(report, file, plan.rejects)
                held = plan.holds()
                if options["apply"] and (options["approve"] or not held):
                    with transaction.atomic():
                        plan.save()
        except WrongFile as error:
            raise CommandError(error.message) from error
        for line in report_lines(plan.report(), plan.rejects):
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
