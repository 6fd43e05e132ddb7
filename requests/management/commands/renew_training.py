"""Have a training landlord begin anew."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.dev import training


class Command(BaseCommand):
    help = "Delete what was practised and write the training landlord again, in two minutes."

    def handle(self, *args, **options) -> None:
        if not settings.PALIER_TRAINING:
            raise CommandError("This is no training landlord: nothing was done.")
        training.ask(Path(settings.PALIER_HOME))
        self.stdout.write("It begins anew within seconds.")
