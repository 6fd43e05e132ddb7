"""Write the demo landlord: one transaction, deterministic by seed."""

from random import Random

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from agencies.models import Unit
from portal.clock import now
from requests.actions.catalogue import load_catalogue
from requests.demo import claims, landlord, work


class Command(BaseCommand):
    help = "Fill an empty database with an invented landlord."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dwellings", type=int, default=1200)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--if-empty", action="store_true", help="do nothing on a used database")

    @transaction.atomic
    def handle(self, *args, dwellings: int, seed: int, if_empty: bool, **options) -> None:
        if not 20 <= dwellings <= 500_000:
            raise CommandError("--dwellings takes 20 to 500000")
        if Unit.objects.exists():
            if not if_empty:
                raise CommandError("The database already holds a landlord.")
            logins = [(role, f"{n}@demo.palier.example") for n, _, role, _ in landlord.STAFF]
            logins += [
                ("admin", "admin@demo.palier.example"),
                ("tenant", "awa@demo.palier.example"),
            ]
        else:
            rng = Random(seed)
            load_catalogue()
            logins = landlord.build(rng, dwellings)
            self.stdout.write(f"{claims.build(rng, now())} claims written")
            self.stdout.write(f"{work.build(rng, now())} orders written")
        for role, email in logins:
            self.stdout.write(f"  {role:<16} {email:<32} {landlord.PASSWORD}")
