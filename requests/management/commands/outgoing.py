"""After a restore: hold the work that was waiting then, and release what a person decides.

What waited in the backup was mostly done and sent afterwards; doing it again tells tenants things
twice (docs/operations.md, "Restore").
"""

from datetime import datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from requests.jobs import queue


class Command(BaseCommand):
    help = "hold: keep all waiting work back. release [--since]: let it go. status: how much."

    def add_arguments(self, parser) -> None:
        parser.add_argument("verb", choices=["hold", "release", "status"])
        parser.add_argument(
            "--since", help="only work due since then, local time: 2026-11-22T14:00"
        )

    def handle(self, *args, verb: str, since: str | None, **options) -> None:
        if verb == "hold":
            self.stdout.write(f"{queue.hold()} held")
        elif verb == "release":
            self.stdout.write(f"{queue.release(since=self._moment(since))} released")
        self.stdout.write(f"{queue.held_jobs().count()} still held")

    @staticmethod
    def _moment(text: str | None) -> datetime | None:
        if text is None:
            return None
        try:
            moment = parse_datetime(text)
        except ValueError:
            moment = None
        if moment is None:
            raise CommandError(f"{text} is no moment; write it like 2026-11-22T14:00")
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
