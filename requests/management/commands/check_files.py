"""Order virus checks of files that are kept already (docs/operations.md, "Viruses")."""

import uuid

from django.core.management.base import BaseCommand, CommandError

from portal import antivirus
from requests.attachments import quarantine
from requests.attachments.quarantine import VirusState


class Command(BaseCommand):
    help = (
        "Order a virus check of every file that came while no scanner was configured. --again: of "
        "every file, also those checked or refused before, since the scanner knows more now."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--again", action="store_true")

    def handle(self, *args, again: bool, **options) -> None:
        if not antivirus.is_on():
            raise CommandError("Set PALIER_CLAMAV first.")
        mark = uuid.uuid4().hex[:8]
        states = VirusState.values if again else [VirusState.NONE]
        number = 0
        for model in quarantine.checked_models().values():
            rows = model.objects.system("virus check").filter(virus_state__in=states).only("pk")
            for row in rows.iterator():
                quarantine.order(row, again=mark)
                number += 1
        self.stdout.write(f"{number} files to be checked; they stay as they are until then.")
