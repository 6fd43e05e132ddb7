"""Check the audit trail, seal what waits, anchor its head (docs/operations.md, "Audit trail")."""

import os
from pathlib import Path

from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError

from portal.audit import anchors, sealer, verify
from portal.clock import now

MOST = 100  # findings that are written one by one


class Command(BaseCommand):
    help = "verify: check the chain. seal: seal all that waits. anchor: write its head elsewhere."

    def add_arguments(self, parser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        check = what.add_parser("verify")
        check.add_argument("--anchors", metavar="FILE", help="lines that `audit anchor` wrote")
        what.add_parser("seal")
        anchor = what.add_parser("anchor")
        anchor.add_argument("--file", metavar="FILE", help="append the line to FILE")
        anchor.add_argument("--mail", metavar="ADDRESS", help="mail the line")

    def handle(self, *args, what: str, **options) -> None:
        {"verify": self._verify, "seal": self._seal, "anchor": self._anchor}[what](options)

    def _verify(self, options: dict) -> None:
        kept = self._anchors(options["anchors"])
        number = 0
        for number, finding in enumerate(verify.verify(now(), kept), start=1):
            if number <= MOST:
                self.stdout.write(f"{finding.kind}: {finding.text}")
        if number > MOST:
            self.stdout.write(f"… and {number - MOST} more.")
        batch, head = anchors.current()
        waiting = sum(sealer.waiting(now()).values())
        if number:
            raise CommandError(f"{number} findings. The last batch is {batch}, {head}.")
        self.stdout.write(
            f"The trail is whole up to batch {batch}, {head}; {len(kept)} anchors fit; "
            f"{waiting} rows wait to be sealed."
        )

    def _anchors(self, file: str | None) -> list[anchors.Anchor]:
        if not file:
            return []
        try:
            kept = anchors.read(Path(file).read_text().splitlines())
        except OSError as error:
            raise CommandError(str(error)) from error
        if not kept:
            raise CommandError(f"{file} holds no anchor.")
        return kept

    def _seal(self, options: dict) -> None:
        total = 0
        while sealed := sealer.run(now(), everything=True):
            total += sealed
        self.stdout.write(f"{total} rows are sealed.")

    def _anchor(self, options: dict) -> None:
        sealer.run(now())
        try:
            line = anchors.line(now())
            if options["file"]:
                with Path(options["file"]).open("a") as file:
                    file.write(f"{line}\n")
                    file.flush()
                    os.fsync(file.fileno())
        except (OSError, ValueError) as error:
            raise CommandError(f"Nothing was anchored. {error}") from error
        if options["mail"]:
            send_mail("Palier: audit trail", f"{line}\n", None, [options["mail"]])
        self.stdout.write(line)
