"""Put a role in force from the server, where no second person is left to do it."""

from django.core.management.base import BaseCommand, CommandError

from agencies import roles
from agencies.models import Membership
from portal.clock import now


class Command(BaseCommand):
    help = "List the roles that wait for a second person, or confirm one by its number."

    def add_arguments(self, parser) -> None:
        parser.add_argument("number", type=int, nargs="?")

    def handle(self, *args, number: int | None, **options) -> None:
        if number is None:
            for row in Membership.everything.filter(pending=True).select_related("user", "unit"):
                self.stdout.write(f"{row.pk} {row} {row.role}, given by {row.asked_by}")
            return
        try:
            given = roles.confirm_from_server(pk=number, now=now())
        except Membership.DoesNotExist as error:
            raise CommandError(f"No role {number} waits.") from error
        self.stdout.write(f"{given} has the role {given.role}; the landlord's heads are told.")
