"""Restore a backup of the whole portal (docs/operations.md, "Restore")."""

import os
from getpass import getpass
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from portal.backups import archive
from portal.backups.archive import BackupError
from portal.backups.keys import read_key, write_private
from portal.backups.restore import restore


class Command(BaseCommand):
    help = "Check a backup, then restore it with all outgoing messages held."
    requires_system_checks = ()  # they may read tables, and there may be none yet

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--identity", type=Path, help="the key file of backup --make-key")
        parser.add_argument("--overwrite", action="store_true", help="drop what the database holds")
        parser.add_argument(
            "--keys", type=Path, metavar="FILE", help="only write the backup's keys to a file"
        )

    def handle(self, *args, file: Path, identity: Path | None, overwrite: bool, **options) -> None:
        try:
            key = read_key(identity, passphrase) if identity else None
            if options["keys"]:
                found = archive.verify(file, key)["keys"]
                lines = [f"{name}={value}\n" for name, value in found.items()]
                write_private(options["keys"], "".join(lines).encode())
                self.stdout.write(f"{len(lines)} keys in {options['keys']}")
                return
            restore(file, identity=key, overwrite=overwrite, say=self.stdout.write)
        except (BackupError, OSError, Error) as error:
            raise CommandError(str(error)) from error


def passphrase() -> str:
    """Return PALIER_BACKUP_PASSPHRASE, or what is typed."""
    given = os.environ.get("PALIER_BACKUP_PASSPHRASE")
    return getpass("Passphrase of the key: ") if given is None else given
