"""Copy the files of the folder into the object storage that is configured, and compare each."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from portal.backups.postgres import named_files
from portal.file_storage import blocks, bucket_answers

JOURNAL = ".moved-files.sha256"


class Command(BaseCommand):
    help = (
        "Copy every file that a row names from a folder into the bucket of PALIER_S3_BUCKET, read "
        "each back and compare its sha256. Run it again after a break: what was compared is left "
        "out. Deletes nothing."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--from", dest="folder", default=str(settings.MEDIA_ROOT))

    def handle(self, *args, folder: str, **options) -> None:
        if bucket_answers() is None:
            raise CommandError("Set PALIER_S3_BUCKET: files are kept in a folder now.")
        root = Path(folder)
        with connection.cursor() as cursor:
            names = named_files(cursor)
        journal = root / JOURNAL
        done = _read(journal)
        copied, before, missing = 0, 0, []
        with journal.open("a", encoding="utf-8") as log:
            for name in names:
                source = root / name
                if done.get(name):
                    before += 1
                elif not source.is_file():
                    if not default_storage.exists(name):
                        missing.append(name)
                else:
                    log.write(f"{_copy(source, name)}  {name}\n")
                    log.flush()
                    copied += 1
        for name in missing:
            self.stderr.write(f"missing: {name}")
        self.stdout.write(
            f"{copied} files copied and compared, {before} before, {len(missing)} missing."
        )
        if missing:
            raise CommandError("Some rows name files that neither the folder nor the bucket has.")


def _read(journal: Path) -> dict[str, str]:
    """Return the sha256 of each compared file, by name; a torn last line does not count."""
    if not journal.exists():
        return {}
    lines = journal.read_text(encoding="utf-8").split("\n")[:-1]
    pairs = (line.split("  ", 1) for line in lines if "  " in line)
    return {name: digest for digest, name in pairs}


def _copy(source: Path, name: str) -> str:
    """Copy one file and read it back; return its sha256. Raises CommandError when they differ."""
    wanted = _sha256(source.open("rb"))
    if not default_storage.exists(name):
        with source.open("rb") as stream:
            default_storage.save(name, File(stream))
    found = _sha256(default_storage.open(name, "rb"))
    if found != wanted:
        # What a break left half, or another file: the folder is what the rows mean.
        default_storage.delete(name)
        with source.open("rb") as stream:
            default_storage.save(name, File(stream))
        found = _sha256(default_storage.open(name, "rb"))
    if found != wanted:
        raise CommandError(f"{name} comes back from the bucket with another sha256.")
    return wanted


def _sha256(stream) -> str:
    digest = hashlib.sha256()
    with stream:
        for block in blocks(stream):
            digest.update(block)
    return digest.hexdigest()
