"""Report what a file of the stock would change; write it with --apply."""

from django.core.management.base import CommandError

from agencies.imports import readers
from agencies.imports.command import ImportCommand
from agencies.imports.plan import Plan, Progress
from agencies.imports.tables import Table
from agencies.models import Unit


class Command(ImportCommand):
    help = (
        "Compare a file with the housing stock. Nothing is written without --apply, and "
        "nothing is ever deleted. rpls: register of social dwellings; csv: Palier's own "
        "layout, CSV or XLSX; ban: coordinates of buildings from the national address base."
    )

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--format", choices=readers.STOCK, required=True)
        parser.add_argument(
            "--agency", default="", help="code of the unit for residences whose agency is not named"
        )
        parser.add_argument(
            "--one-agency",
            action="store_true",
            help="the segments of the file are not agencies: leave them aside",
        )

    def plan(self, table: Table, progress: Progress | None, options: dict) -> Plan:
        return readers.STOCK[options["format"]](
            table,
            agency=self.agency(options),
            one_agency=options["one_agency"],
            answers=self.answers(options),
            progress=progress,
        )

    def kind_of(self, options: dict) -> str:
        return options["format"]

    def agency(self, options: dict) -> Unit | None:
        code = options["agency"]
        agency = Unit.objects.filter(code=code).first() if code else None
        if code and agency is None:
            raise CommandError(f"No unit has the code “{code}”.")
        return agency
