"""Find all pairs of records that may be one person again, from the records alone."""

from typing import Any

from django.core.management.base import BaseCommand

from requests.identity import doubles
from requests.identity.double_models import EVERY, DoublePair


class Command(BaseCommand):
    """``manage.py doubles``: compare everybody again; it may be stopped and goes on by itself."""

    help = "Compares all people again and renews the list of probable doubles."

    def handle(self, *args: Any, **options: Any) -> None:
        """Note everybody, then compare in batches; beat goes on with what is left."""
        left = doubles.rebuild()
        while done := doubles.sweep():
            left = max(0, left - done)
            self.stdout.write(f"{done:,} people compared, {left:,} left")
        pairs = DoublePair.objects.system("number of doubles").filter(unit=EVERY).count()
        self.stdout.write(f"{pairs:,} probable doubles")
