"""Command line for the suggestion model: train now, without waiting for the weekly task."""

from django.core.management.base import BaseCommand, CommandError

from portal.clock import now
from requests.suggestions import actions as suggestions


class Command(BaseCommand):
    help = "Train a version of the suggestions; it is used when it is no worse than the last."

    def handle(self, *args, **options) -> None:
        row = suggestions.train(now=now())
        if row is None:
            raise CommandError("Another process is training; look again in a minute.")
        if row.failure:
            raise CommandError(row.failure)
        used = "in use" if row.active else "waiting for a person"
        self.stdout.write(f"version {row.version}, {row.samples} texts, {used}")
