"""What the import commands share: dry run by default, a report, all or nothing.

A file that would be held on the screen is held here too: it goes there, for a second person.
"""

from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse

from agencies.access import memberships_of
from agencies.models import ImportRun, Unit
from portal.access import Role
from portal.clock import now
from portal.models import User

from . import runs
from .apply import one_import
from .plan import Plan, Progress
from .report import bar, report_lines, save_rejects
from .tables import Table, WrongFile, open_table
from .unit_questions import ANSWERS, SEGMENTS


class ImportCommand(BaseCommand):
    """The base of the import commands; a subclass gives ``plan``.

    From an opened file to its changes. ``kind_of`` names the kind of the same file on the screen.
    """

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--apply", action="store_true", help="write, all or nothing")
        parser.add_argument(
            "--by",
            default="",
            metavar="EMAIL",
            help="who sends the file, of head office: with --apply, a file by which over 2 %% of "
            "what is known would leave or over 5 %% change then waits on the import screen for "
            "another person",
        )
        parser.add_argument(
            "--unit",
            action="append",
            default=[],
            metavar="NAME=CODE",
            help="which unit holds what the file calls NAME, as the report asks (may be repeated)",
        )
        parser.add_argument(
            "--accept-units",
            action="store_true",
            help="take the units that the report proposes",
        )
        parser.add_argument("--report", type=Path, help="CSV to write the rejected lines to")

    def plan(self, table: Table, progress: Progress | None, options: dict) -> Plan:
        raise NotImplementedError

    def kind_of(self, options: dict) -> str:
        raise NotImplementedError

    def handle(self, *args, file: Path, report: Path | None, **options) -> None:
        try:
            table = open_table(file)
            with one_import():
                plan = self.plan(table, bar(self.stderr, table.line_count), options)
                if report:
                    save_rejects(report, file, plan.rejects)
                held, asked = plan.holds(), self.asked(plan, options)
                if options["apply"] and not held and not asked:
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
        elif held:
            run = self.hold(file, options)
            page = settings.PALIER_URL + reverse("stock:import", args=[run.pk])
            self.stdout.write(f"Nothing written yet: another person of head office decides, {page}")
        elif asked:
            raise CommandError(
                "Nothing written: say which unit holds what with --unit NAME=CODE, or take the "
                "proposals above with --accept-units."
            )
        else:
            self.stdout.write(self.style.SUCCESS("Applied."))

    def asked(self, plan: Plan, options: dict) -> list[dict]:
        """Return the questions that nobody answered; CommandError for an answer to none."""
        if options["accept_units"]:
            return []
        answers = self.answers(options)
        return [question for question in plan.unconfirmed() if question["key"] not in answers]

    def answers(self, options: dict) -> dict[str, str]:
        """Return the answers of the command line by the key of their question."""
        pairs = (text.rpartition("=")[::2] for text in options["unit"])
        answers: dict[str, str] = {}
        for name, code in pairs:
            if not name or not code:
                raise CommandError("Write --unit NAME=CODE: --unit 02=nord.")
            if code not in ANSWERS and not Unit.objects.filter(code=code).exists():
                raise CommandError(f"No unit has the code “{code}”.")
            keys = [name] if name == SEGMENTS or ":" in name else [f"segment:{name.lower()}"]
            answers |= dict.fromkeys(keys, code)
        return answers

    def hold(self, file: Path, options: dict) -> ImportRun:
        """Send the file as the screen does; CommandError without a sender of head office."""
        email = options["by"].strip()
        by = User.objects.filter(email__iexact=email, is_active=True).first() if email else None
        if not by or not memberships_of(by).filter(role=Role.HEAD_OFFICE).exists():
            raise CommandError(
                "Nothing written: another person must approve. Say who sends the file with --by "
                "and the e-mail address of somebody of head office."
            )
        with file.open("rb") as stream:
            # No hint to a worker: the beat finds the file.
            return runs.start(
                kind=self.kind_of(options),
                units=self.answers(options),
                upload=File(stream, name=file.name),
                agency=self.agency(options),
                one_agency=options.get("one_agency", False),
                by=by,
                now=now(),
            )

    def agency(self, options: dict) -> Unit | None:
        """Return the unit of what names none, if the command asks for one."""
        return None
