"""Migrate as the owner of the tables, then let the other roles use what the migrations made."""

from django.core.management.commands import migrate

from portal.database import owner


class Command(migrate.Command):
    """Django's own command, as the role that may change tables (docs/operations.md)."""

    def handle(self, *args, **options):
        with owner.as_owner():
            done = super().handle(*args, **options)
            if not (options["plan"] or options["check_unapplied"]):
                owner.grant()
        return done
