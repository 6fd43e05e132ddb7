"""A mailbox of the demonstration: an IMAP server (RFC 3501) over a folder of mails.

It answers what a client asks to read mail, and hints at new mail by IDLE (RFC 2177). Any account is
let in: nothing here is anybody's. Development and demonstration only.
"""

import asyncio
import re
from pathlib import Path

VALIDITY = 1
LOOK = 1.0  # seconds between two looks into the folder while a client idles
LONGEST = 8192  # bytes of a command
PART = re.compile(rb"BODY(?:\.PEEK)?\[(HEADER)?\](?:<(\d+)\.(\d+)>)?", re.IGNORECASE)
CAPABILITIES = b"IMAP4rev1 IDLE"


def mails(folder: Path) -> list[Path]:
    """Return the mails in the order in which they came; the first has the UID 1."""
    return sorted(folder.glob("*.eml"))


def numbers(words: bytes, most: int) -> list[int]:
    """Return the numbers of a set such as ``1,3:5,9:*`` that exist (RFC 3501, 9)."""
    found: set[int] = set()
    for part in words.split(b","):
        ends = [most if end == b"*" else int(end) for end in part.split(b":")]
        low, high = min(ends), max(ends)
        # The range n:* always names the last message, even below n (6.4.8).
        found |= {number for number in range(max(1, low), min(high, most) + 1)}
    return sorted(found)


class Session:
    """One connection."""

    def __init__(self, folder: Path, reader, writer) -> None:
        self.folder, self.reader, self.writer = folder, reader, writer
        self.selected = False

    def say(self, line: bytes) -> None:
        self.writer.write(line + b"\r\n")

    async def talk(self) -> None:
        self.say(b"* OK [CAPABILITY " + CAPABILITIES + b"] ready")
        try:
            while line := await self.reader.readuntil(b"\n"):
                tag, _, rest = line.strip().partition(b" ")
                if len(line) > LONGEST or not await self.answer(tag, rest):
                    break
                await self.writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass
        finally:
            self.writer.close()

    async def answer(self, tag: bytes, rest: bytes) -> bool:
        """Answer one command; return False when the connection ends."""
        words = rest.split()
        name = words[0].upper() if words else b""
        if name == b"UID" and len(words) > 2:
            name = b"UID " + words[1].upper()
        done = tag + b" OK done"
        if name == b"LOGOUT":
            self.say(b"* BYE\r\n" + done)
            await self.writer.drain()
            return False
        if name == b"CAPABILITY":
            self.say(b"* CAPABILITY " + CAPABILITIES)
        elif name in (b"SELECT", b"EXAMINE"):
            self.selected = True
            self.say(b"* %d EXISTS\r\n* 0 RECENT" % len(mails(self.folder)))
            self.say(b"* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY %d] x" % VALIDITY)
            self.say(b"* OK [UIDNEXT %d] x" % (len(mails(self.folder)) + 1))
        elif name == b"LIST":
            self.say(b'* LIST () "/" INBOX')
        elif name == b"UID SEARCH" and self.selected:
            self.search(rest)
        elif name == b"UID FETCH" and self.selected:
            self.fetch(words[2], rest)
        elif name == b"IDLE":
            await self.idle()
        elif name == b"NOOP":
            self.say(b"* %d EXISTS" % len(mails(self.folder)))
        elif name not in (b"LOGIN", b"CLOSE", b"CHECK", b"UID STORE"):
            done = tag + b" BAD not known here"
        self.say(done)
        return True

    def search(self, rest: bytes) -> None:
        most = len(mails(self.folder))
        asked = re.search(rb"(?:UID )?(\d+(?::(?:\d+|\*))?(?:,[\d:*]+)*)\s*\)?$", rest[10:])
        found = numbers(asked[1], most) if asked and most else list(range(1, most + 1))
        self.say(b"* SEARCH " + b" ".join(b"%d" % uid for uid in found))

    def fetch(self, asked: bytes, rest: bytes) -> None:
        kept = mails(self.folder)
        for uid in numbers(asked, len(kept)) if kept else []:
            raw = kept[uid - 1].read_bytes()
            told = [b"UID %d" % uid]
            if b"RFC822.SIZE" in rest.upper():
                told.append(b"RFC822.SIZE %d" % len(raw))
            if b"FLAGS" in rest.upper():
                told.append(b"FLAGS ()")
            if part := PART.search(rest):
                body = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if part[1] else raw
                mark = b"<%s>" % part[2] if part[2] else b""
                if part[2]:
                    body = body[int(part[2]) :][: int(part[3])]
                name = b"BODY[" + (part[1] or b"") + b"]" + mark
                told.append(b"%s {%d}\r\n" % (name, len(body)) + body)
            self.say(b"* %d FETCH (" % uid + b" ".join(told) + b")")

    async def idle(self) -> None:
        """Tell of new mail until the client says DONE."""
        self.say(b"+ idling")
        await self.writer.drain()
        known = len(mails(self.folder))
        ended = asyncio.ensure_future(self.reader.readuntil(b"\n"))
        while True:
            finished, _waiting = await asyncio.wait({ended}, timeout=LOOK)
            if finished:
                ended.result()
                return
            if (count := len(mails(self.folder))) != known:
                known = count
                self.say(b"* %d EXISTS" % count)
                await self.writer.drain()


async def start(folder: Path, host: str, port: int) -> asyncio.Server:
    """Serve the mails of ``folder``."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def connected(reader, writer) -> None:
        await Session(folder, reader, writer).talk()

    return await asyncio.start_server(connected, host, port)
