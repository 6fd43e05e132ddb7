"""Write the demo landlord: one transaction, deterministic by seed."""

import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from agencies.models import Unit
from portal.clock import now
from requests.catalogue.actions import load_catalogue
from requests.demo import doors, landlord, seed
from tenants.models import Tenant


class Command(BaseCommand):
    help = "Fill an empty database with an invented landlord."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dwellings", "--scale", type=int, default=1200, dest="dwellings")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--if-empty", action="store_true", help="do nothing on a used database")

    @transaction.atomic
    def handle(self, *args, dwellings: int, if_empty: bool, **options) -> None:
        if not 20 <= dwellings <= 500_000:
            raise CommandError("--dwellings takes 20 to 500000")
        used = Unit.objects.exists() or Tenant.objects.system("demo").exists()
        if used and not if_empty:
            raise CommandError("The database already holds a landlord.")
        if not used:
            started = time.monotonic()
            load_catalogue()
            made = seed.build(seed=options["seed"], dwellings=dwellings, now=now())
            self.stdout.write(
                f"{made['dwellings']} dwellings, {made['tenants']} tenants and {made['claims']} "
                f"claims in {time.monotonic() - started:.0f} s (rows {made['digest'][:12]})"
            )
        if settings.DEMO:
            doors.connect_mailbox()
            doors.make_open311_key(now())
        self._logins()

    def _logins(self) -> None:
        seen = set()
        for login in landlord.logins():
            if login.role not in seen:
                seen.add(login.role)
                self.stdout.write(f"  {login.role:<16} {login.email:<32} {landlord.PASSWORD}")
