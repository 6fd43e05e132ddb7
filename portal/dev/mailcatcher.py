"""Keep on disk every message that development would have sent, so that none leaves the machine.

One `.eml` file per message and recipient list, under the folder given; the supervisor runs it.
What is written to the demonstration's own mailbox is kept a second time, for an IMAP server.
`names` and `read` show them again on the demonstration's own pages.
"""

import argparse
import asyncio
import datetime
import email
import email.header
import email.policy
import html
import os
import re
import secrets
import signal
from dataclasses import dataclass, field
from pathlib import Path

from aiosmtpd.smtp import SMTP

from portal.dev import imapbox

NAME = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{8}")
MOST_TEXT = 200_000  # characters shown of one part


@dataclass(frozen=True)
class Mail:
    """One caught mail. ``html`` has lost its tags; ``at`` is aware, in UTC."""

    name: str
    at: datetime.datetime
    sender: str
    to: str
    subject: str
    text: str = ""
    html: str = ""
    files: list[str] = field(default_factory=list)


def names(folder: Path) -> list[str]:
    """Return the names of the caught mails, newest first; a name holds the instant of arrival."""
    found = (path.stem for path in folder.glob("*.eml"))
    return sorted((name for name in found if NAME.fullmatch(name)), reverse=True)


def read(folder: Path, name: str) -> Mail | None:
    """Return one mail by its name; None when there is none, or when it is gone meanwhile."""
    if not NAME.fullmatch(name):
        return None
    try:
        raw = (folder / f"{name}.eml").read_bytes()
    except OSError:
        return None
    # Lenient parsing: the standard library's strict policy raises on odd headers.
    found = email.message_from_bytes(raw, policy=email.policy.compat32)
    parts = [part for part in found.walk() if not part.is_multipart()]
    bodies = {"text/plain": "", "text/html": ""}
    for part in parts:
        kind = part.get_content_type()
        if not part.get_filename() and not bodies.get(kind, "."):
            bodies[kind] = _decoded(part)
    at = datetime.datetime.strptime(name[:22], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=datetime.UTC)
    return Mail(
        name=name,
        at=at,
        sender=_header(found, "From"),
        to=_header(found, "X-Envelope-To"),
        subject=_header(found, "Subject"),
        text=bodies["text/plain"],
        html=_untagged(bodies["text/html"]),
        files=[str(part.get_filename()) for part in parts if part.get_filename()],
    )


def _header(found, name: str) -> str:
    try:
        return str(email.header.make_header(email.header.decode_header(found.get(name, ""))))
    except (ValueError, LookupError):
        return str(found.get(name, ""))


def _decoded(part) -> str:
    body = part.get_payload(decode=True) or b""
    try:
        return body.decode(part.get_content_charset("utf-8"), "replace")[:MOST_TEXT]
    except LookupError:
        return body.decode("utf-8", "replace")[:MOST_TEXT]


def _untagged(source: str) -> str:
    """Return the words of an HTML part; the template that shows them escapes them again."""
    words = re.sub(r"(?is)<(style|script|head)\b.*?</\1>", "", source)
    words = re.sub(r"(?i)<(br|/p|/div|/tr|/h\d|/li)\b[^>]*>", "\n", words)
    words = html.unescape(re.sub(r"<[^>]*>", "", words))
    return re.sub(r"\s*\n\s*\n\s*", "\n\n", words).strip()


class Keeper:
    """The aiosmtpd handler: writes the whole message, then renames it to its final name."""

    def __init__(self, folder: Path, own: str = "", inbox: Path | None = None) -> None:
        self.folder, self.own, self.inbox = folder, own.lower(), inbox

    async def handle_DATA(self, server, session, envelope) -> str:
        stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%S%fZ")
        target = self.folder / f"{stamp}-{secrets.token_hex(4)}.eml"
        partial = target.with_suffix(".partial")
        head = f"X-Envelope-From: {envelope.mail_from}\r\n"
        head += f"X-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        try:
            partial.write_bytes(head.encode("utf-8", "replace") + envelope.original_content)
            os.replace(partial, target)
            if self.inbox and self.own in [to.lower() for to in envelope.rcpt_tos]:
                arriving = self.inbox / f"{target.stem}.partial"
                arriving.write_bytes(envelope.original_content)
                os.replace(arriving, self.inbox / target.name)
        except OSError as error:
            print(f"could not keep a message: {error}", flush=True)
            return "452 Insufficient system storage"
        print(f"kept {target.name} for {', '.join(envelope.rcpt_tos)}", flush=True)
        return "250 Message kept"


async def serve(
    host: str, port: int, folder: Path, *, own: str = "", imap: tuple[str, int] | None = None
) -> None:
    """Catch mail; with ``imap``, let what was written to ``own`` be read there."""
    inbox = folder.parent / "mailbox" if imap else None
    reading = await imapbox.start(inbox, *imap) if imap and inbox else None
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    loop = asyncio.get_running_loop()
    keeper = Keeper(folder, own, inbox)
    server = await loop.create_server(
        lambda: SMTP(keeper, enable_SMTPUTF8=True, data_size_limit=50 * 2**20),
        host,
        port,
    )
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    print(f"catching mail on {host}:{port} into {folder}", flush=True)
    await ended.wait()
    server.close()
    if reading:
        reading.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="host:port")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--imap", default="", help="host:port at which the mailbox is read")
    parser.add_argument("--own", default="", help="the address of the mailbox")
    given = parser.parse_args()
    host, _, port = given.address.rpartition(":")
    there, _, door = given.imap.rpartition(":")
    imap = (there, int(door)) if door else None
    asyncio.run(serve(host, int(port), given.folder, own=given.own, imap=imap))


if __name__ == "__main__":
    main()
