"""Make a backup of the whole portal in one encrypted file (docs/operations.md, "Back up")."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from portal.backups import keys
from portal.backups.archive import BackupError
from portal.backups.make import Made, make
from portal.clock import now


class Command(BaseCommand):
    help = "Write database, files and keys into one file of DIR, encrypted for a public key."

    def add_arguments(self, parser) -> None:
        parser.add_argument("dir", nargs="?", default=settings.PALIER_BACKUP_DIR)
        parser.add_argument("--keep", type=int, default=0, metavar="N", help="delete all but N")
        parser.add_argument("--plain", action="store_true", help="not encrypted, without keys")
        parser.add_argument(
            "--make-key", metavar="FILE", help="only write a new key file; print its public key"
        )

    def handle(self, *args, dir: str, keep: int, plain: bool, make_key: str, **options) -> None:
        try:
            if make_key:
                self.stdout.write(keys.write_key(Path(make_key)))
                return
            if not dir:
                raise CommandError("Give a folder, or set PALIER_BACKUP_DIR.")
            recipient = "" if plain else settings.PALIER_BACKUP_RECIPIENT
            if not plain and not recipient:
                raise CommandError(
                    "Set PALIER_BACKUP_RECIPIENT (`backup --make-key FILE` makes a key), or write "
                    "--plain for a backup that anybody can read."
                )
            if keep < 0:
                raise CommandError("--keep takes a number from 1; without it all are kept.")
            self._tell(make(Path(dir), recipient=recipient, now=now(), keep=keep))
        except (BackupError, OSError, Error) as error:
            raise CommandError(f"No backup was made. {error}") from error

    def _tell(self, made: Made) -> None:
        for name in made.missing:
            self.stderr.write(f"Missing in the storage: {name}")
        self.stdout.write(
            f"Database {size(made.database)}, {made.files} files {size(made.bytes_of_files)}, "
            f"{made.seconds:.1f} s\n{made.path}, {size(made.size)}"
        )


def size(number: int) -> str:
    return f"{number / 2**20:.1f} MB"
