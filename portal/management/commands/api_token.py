"""List and revoke the tokens with which other tools call the API; people make their own."""

from django.core.management.base import BaseCommand

from portal.clock import now
from portal.models import ApiToken


class Command(BaseCommand):
    help = "List the API tokens of an account, or end them. They are made at /account/tokens/."

    def add_arguments(self, parser) -> None:
        parser.add_argument("email")
        parser.add_argument("--revoke", action="store_true", help="end them all, now")

    def handle(self, *args, email: str, revoke: bool, **options) -> None:
        rows = ApiToken.objects.in_force(now()).filter(user__email=email.lower())
        for token in rows:
            what = "reads and writes" if token.writes else "reads"
            self.stdout.write(f"{token.start}… {token.name}: {what} until {token.ends_at:%Y-%m-%d}")
        if revoke:
            self.stdout.write(f"{rows.update(revoked_at=now())} revoked")
