"""`manage.py database_roles`: make the roles of PostgreSQL and give them what they may do."""

import os
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection, transaction
from psycopg2.extensions import encrypt_password

from portal.database import roles

# The variables that hold the passwords; who has none cannot connect.
PASSWORDS = {
    "owner": "POSTGRES_OWNER_PASSWORD",
    roles.APPLICATION: "POSTGRES_APP_PASSWORD",
    roles.READ: "POSTGRES_READ_PASSWORD",
    roles.AUDIT: "POSTGRES_AUDIT_PASSWORD",
}


class Command(BaseCommand):
    help = (
        "Make the roles <prefix>_owner, _app, _read and _audit, give the owner every table and the "
        "others their rights. DATABASE_URL connects as a superuser, or as a role with CREATEROLE "
        "and CREATEDB that owns the database. Run it again at will. Passwords: "
        f"{', '.join(PASSWORDS.values())}."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--prefix", default=settings.PALIER_DATABASE_ROLES)

    def handle(self, *args, prefix: str, **options) -> None:
        owner = roles.role(prefix, "owner")
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(roles.make(owner=owner, prefix=prefix, login=False))
                for kind, variable in PASSWORDS.items():
                    self._set_password(cursor, roles.role(prefix, kind), os.environ.get(variable))
                cursor.execute(roles.grant(owner=owner, prefix=prefix))
        except Error as error:
            raise CommandError(str(error).strip()) from error
        self.stdout.write(
            f"{owner} owns the tables; {', '.join(roles.role(prefix, k) for k in roles.KINDS)} "
            "have their rights."
        )

    def _set_password(self, cursor, role: str, password: str | None) -> None:
        """Let the role connect with ``password``; without one it cannot. The server sees a hash."""
        if not password:
            cursor.execute(f"ALTER ROLE {role} NOLOGIN")
            return
        raw = connection.connection
        kept = encrypt_password(password, role, scope=raw, algorithm="scram-sha-256")
        cursor.execute(f"ALTER ROLE {role} LOGIN PASSWORD %s", [kept])
