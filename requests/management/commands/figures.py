"""`manage.py figures`: count what figures are made of anew, or compare what is stored with it."""

from django.core.management.base import BaseCommand, CommandError

from portal.clock import now
from requests.figures import upkeep


class Command(BaseCommand):
    help = "Count the facts and sums of figures anew; with --check, only compare."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, count differences")

    def handle(self, *args, check: bool, **options) -> None:
        if not check:
            self.stdout.write(f"{upkeep.rebuild(now=now())} claims counted anew.")
            return
        upkeep.refresh(now=now(), most=10_000)
        facts, sums = upkeep.differences(now=now())
        if facts or sums:
            raise CommandError(f"{facts} facts and {sums} sums differ: run manage.py figures")
        self.stdout.write("Every fact and every sum is what a new count gives.")
