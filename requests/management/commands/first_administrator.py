"""Make the first administrator of an empty landlord, and print the link that opens the account."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from agencies import roles
from agencies.models import Desk, Membership, Unit
from agencies.units import new_head_office, starting_desks
from portal.access import Role
from portal.clock import now
from portal.models import User
from requests.console import invitations


class Command(BaseCommand):
    help = "Make the first administrator, and print a link that works once, for a week."

    def add_arguments(self, parser) -> None:
        parser.add_argument("email")
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")

    @transaction.atomic
    def handle(self, *args, email: str, first_name: str, last_name: str, **options) -> None:
        moment = now()
        today = timezone.localdate(moment)
        in_force = Membership.objects.filter(Q(ends=None) | Q(ends__gte=today), role=Role.ADMIN)
        if in_force.filter(user__last_login__isnull=False, user__is_active=True).exists():
            raise CommandError(
                "There is an administrator who has signed in: the console invites the others."
            )
        head = Unit.objects.filter(kind=Unit.Kind.HEAD_OFFICE).first()
        if head is None:
            head = new_head_office()
            head.save()
            Desk.objects.bulk_create(starting_desks(head))
        email = email.strip().lower()
        user = User.objects.filter(email=email).first() or User.objects.create_user(
            email, first_name=first_name, last_name=last_name
        )
        # Also the settings for emergencies: nobody else could open them yet.
        User.objects.filter(pk=user.pk).update(is_staff=True, is_active=True)
        member, _new = Membership.everything.update_or_create(
            user=user,
            unit=head,
            role=Role.ADMIN,
            defaults={"starts": today, "ends": None, "pending": False, "asked_at": moment},
        )
        roles.log.warning("first administrator made on the server: %s", member.pk)
        token = invitations.renew(member, by=None, now=moment)
        self.stdout.write(invitations.address(token))
