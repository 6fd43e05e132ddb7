"""The journal of erased persons, outside the database (docs/operations.md, "Erased persons")."""

from django.core.management.base import BaseCommand, CommandError

from portal.clock import now
from requests.privacy import journal
from requests.privacy.models import Erasure


class Command(BaseCommand):
    help = (
        "replay: erase again whom the journal names, after a restore; restore does it by itself. "
        "write: add what the journal lacks. status: how many it holds."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("verb", choices=["replay", "write", "status"])

    def handle(self, *args, verb: str, **options) -> None:
        if journal.path() is None:
            raise CommandError("No journal: set PALIER_ERASURE_JOURNAL to a file.")
        if verb == "replay":
            self.stdout.write(f"{journal.replay(now())} persons erased again")
        elif verb == "write":
            self.stdout.write(f"{journal.write(now())} lines written")
        known = sum(1 for _entry in journal.entries())
        waiting = Erasure.objects.filter(written_at__isnull=True).count()
        self.stdout.write(f"{known} persons in the journal, {waiting} still to be written")
