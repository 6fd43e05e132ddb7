"""Reckon the early-warning list of equipment; --backtest says how such lists did."""

from datetime import date, timedelta

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal.clock import now
from requests.stock_insight import early_warning, fault_file, risk
from requests.stock_insight.histories import histories
from requests.stock_insight.risk import History


class Command(BaseCommand):
    """``manage.py early_warning`` writes the list; ``--backtest`` judges and writes nothing.

    ``--backtest --file FAULTS.csv`` judges on somebody else's machines: one line a fault, with the
    names of its columns. Nothing of the file is kept (docs/stock-insight.md).
    """

    help = "Reckon which equipment is likely to fail within a month."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take ``--backtest``, the length of the lists, and a file with its columns."""
        parser.add_argument("--backtest", action="store_true")
        parser.add_argument("--listed", type=int, default=risk.LISTED)
        parser.add_argument("--trained", type=int, default=12, help="months learned from")
        parser.add_argument("--held-out", type=int, default=risk.HELD_OUT, help="months judged")
        parser.add_argument("--file", help="a CSV of faults, one line each")
        parser.add_argument("--equipment", default="equipment", help="column of the machine")
        parser.add_argument("--day", default="day", help="column of the day of the fault")
        parser.add_argument("--kind", default="", help="column of the kind of machine")
        parser.add_argument("--building", default="", help="column of the building")
        parser.add_argument("--installed", default="", help="column of the year of installation")
        parser.add_argument(
            "--day-format", default="", help="like %%d.%%m.%%Y; usual ones are known"
        )

    def handle(self, *args, **options) -> None:
        """Print the hit rates of both lists on held-out months, or write the list."""
        if options["file"] and not options["backtest"]:
            raise CommandError("--file is for --backtest: nothing of it is kept.")
        if not options["backtest"]:
            made = early_warning.renew(now())
            self.stdout.write(f"{made.warnings.count()} of {made.equipment} pieces of equipment")
            return
        if options["file"]:
            known, today = self._of_file(options)
        else:
            known, today = histories(now()), timezone.localdate(now())
        self._judge(known, today, options)

    def _of_file(self, options: dict) -> tuple[list[History], date]:
        names = ("equipment", "day", "kind", "building", "installed", "day_format")
        columns = fault_file.Columns(*(options[name] for name in names))
        try:
            with open(options["file"], encoding="utf-8-sig", newline="") as stream:
                known, last = fault_file.read(stream, columns)
        except (OSError, UnicodeDecodeError, fault_file.Unreadable) as error:
            raise CommandError(f"{options['file']}: {error}") from error
        return known, last + timedelta(days=1)

    def _judge(self, known: list[History], today: date, options: dict) -> None:
        found = risk.backtest(
            known,
            today,
            trained=options["trained"],
            held_out=options["held_out"],
            listed=options["listed"],
        )
        faults = sum(len(row.faults) for row in known)
        span = f"until {today:%Y-%m-%d}" if options["file"] else "in 31 months"
        self.stdout.write(f"{len(known)} pieces of equipment, {faults} faults {span}")
        if found is None:
            self.stdout.write("Too few faults to learn from: the list is that of most faults.")
            return
        self.stdout.write(
            f"{found.months} held-out months, {found.listed} entries in each list; failed within "
            "the month:"
        )
        for name, hits, rate in (
            ("early warning", found.model, found.model_rate),
            ("most faults last year", found.naive, found.naive_rate),
        ):
            self.stdout.write(f"{name:22} {hits:5d} {rate:7.1%}")
        self.stdout.write(f"{'any equipment':22}       {found.base:7.1%}")
