"""Issue the token with which another tool of the landlord calls the API."""

from django.core.management.base import BaseCommand, CommandError
from rest_framework.authtoken.models import Token

from portal.models import User


class Command(BaseCommand):
    help = "Print the API token of an account, made now if it has none."

    def add_arguments(self, parser) -> None:
        parser.add_argument("email")
        parser.add_argument("--new", action="store_true", help="end the old token, make another")

    def handle(self, *args, email: str, new: bool, **options) -> None:
        user = User.objects.filter(email=email.lower(), is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active account {email}.")
        if new:
            Token.objects.filter(user=user).delete()
        token, _made = Token.objects.get_or_create(user=user)
        self.stdout.write(token.key)
