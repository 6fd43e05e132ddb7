"""Report what a file of tenants and leases would change; write it with --apply."""

from pathlib import Path

from django.core.management.base import CommandError

from agencies.imports.command import ImportCommand
from agencies.imports.plan import Plan, Progress
from agencies.imports.tables import Table
from portal.export import write_csv
from tenants.imports.apply import TENANTS, tenants
from tenants.imports.persons import template


class Command(ImportCommand):
    help = (
        "Compare a file of tenants and leases with the register. Nothing is written without "
        "--apply; nobody is ever deleted; rights are never imported. --template writes an "
        "example to fill in."
    )

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--format", choices=["csv", "xlsx"], default="csv")
        parser.add_argument(
            "--template", action="store_true", help="write an example into FILE and stop"
        )

    def handle(self, *args, file: Path, **options) -> None:
        if options["template"]:
            try:
                with file.open("x", encoding="utf-8", newline="") as stream:
                    write_csv(stream, template())
            except OSError as error:
                raise CommandError(f"{file} cannot be written: {error.strerror}") from error
            self.stdout.write(f"Example written to {file}")
            return
        super().handle(*args, file=file, **options)

    def plan(self, table: Table, progress: Progress | None, options: dict) -> Plan:
        if (table.encoding == "xlsx") != (options["format"] == "xlsx"):
            other = "csv" if options["format"] == "xlsx" else "xlsx"
            raise CommandError(f"This file is not {options['format']}: use --format {other}.")
        return tenants(table, progress=progress)

    def kind_of(self, options: dict) -> str:
        return TENANTS.code
