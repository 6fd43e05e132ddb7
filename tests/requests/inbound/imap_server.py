"""A small honest IMAP server (RFC 3501) over a real socket: what our poller asks, it answers.

LOGIN, CAPABILITY, STARTTLS, SELECT, UID SEARCH, UID FETCH (sizes, whole and partial bodies of many
messages), IDLE (RFC 2177), NOOP, LOGOUT. Faults are made on request.
"""

import asyncio
import re
import ssl
import threading


class ImapServer:
    """``box`` maps UIDs to raw messages.

    Of single messages: ``broken`` UIDs end the answer with NO, ``silent`` ones are left out of it,
    ``empty`` ones come without a byte, ``cut_at`` ones hang up within the message, ``taken`` ones
    are found and then moved away. ``refused`` maps commands (``SELECT``, ``SEARCH``, ``FETCH``,
    ``LOGIN``, ``IDLE``) to how the server answers them: NO or BAD. ``throttle`` is how many
    commands after the login are answered NO before the server is itself again, ``patience`` how
    many it answers in one session before it says NO to all. ``manners`` are strange and allowed
    (``uid behind``, ``backwards``, ``news``, ``twice``, ``others``, ``no validity``, ``at once``)
    or simply wrong (``garbage``, ``bye``, ``closes``). ``idle`` offers IDLE. ``tls`` is how it
    proves who it is: from the first byte, or with ``upgrade`` when STARTTLS asks.
    """

    def __init__(
        self,
        user: str = "palier",
        password: str = "secret",
        *,
        tls: ssl.SSLContext | None = None,
        upgrade: bool = False,
        idle: bool = False,
    ) -> None:
        self.user, self.password = user, password
        self.tls, self.upgrade, self.idle = tls, upgrade, idle
        self.box: dict[int, bytes] = {}
        self.broken: set[int] = set()
        self.silent: set[int] = set()
        self.empty: set[int] = set()
        self.cut_at: set[int] = set()
        self.taken: set[int] = set()
        self.refused: dict[str, str] = {}
        self.manners: set[str] = set()
        self.throttle, self.patience = 0, 0
        self.validity, self.logins, self.fetched = 7, 0, []
        self.commands = 0
        self.connections, self.passwords = 0, []  # what anybody who listens would learn
        self.idling = threading.Event()  # somebody waits for news
        self.port = 0
        self._news: list[asyncio.Event] = []
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def arrive(self, uid: int, raw: bytes) -> None:
        """Put a message into the box and tell whoever waits for news."""
        self.box[uid] = raw
        for event in list(self._news):
            self._loop.call_soon_threadsafe(event.set)

    def __enter__(self) -> "ImapServer":
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(self, *_error) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(60)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(
            self._talk, "127.0.0.1", 0, ssl=None if self.upgrade else self.tls
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()

    async def _talk(self, reader, writer) -> None:
        self.connections += 1
        if "bye" in self.manners:
            writer.write(b"* BYE overloaded\r\n")
            writer.close()
            return
        writer.write(b"* OK ready\r\n")
        known, answered = False, 0
        while line := await reader.readline():
            tag, _, rest = line.strip().partition(b" ")
            words = rest.split()
            name = words[0].upper() if words else b""
            say = writer.write
            self.commands += 1
            if "closes" in self.manners and known:
                break
            if name == b"CAPABILITY":
                more = b" STARTTLS" if self.upgrade else b""
                more += b" IDLE" if self.idle else b""
                say(b"* CAPABILITY IMAP4rev1" + more + b"\r\n" + tag + b" OK done\r\n")
            elif name == b"STARTTLS":
                say(tag + b" OK begin\r\n")
                await writer.drain()
                try:
                    await writer.start_tls(self.tls)
                except OSError:  # the other side does not believe us
                    break
            elif name == b"LOGIN":
                wanted = [self.user.encode(), self.password.encode()]
                known = [w.strip(b'"') for w in words[1:3]] == wanted
                known = known and not self.refused.get("LOGIN")
                self.passwords.append(words[2].strip(b'"').decode())
                self.logins += known
                say(tag + (b" OK in\r\n" if known else b" NO [AUTHENTICATIONFAILED] no\r\n"))
            elif name == b"LOGOUT":
                say(b"* BYE\r\n" + tag + b" OK done\r\n")
                break
            elif not known:
                say(tag + b" NO log in first\r\n")
            elif answer := self._refusal(words, answered):
                say(tag + b" " + answer.encode() + b" [THROTTLED] come again later\r\n")
            elif "garbage" in self.manners and name == b"UID":
                say(b"\xff\xfe what?\r\n* 1 FETCH (UID ((\r\n" + tag + b" OK done\r\n")
            elif name in (b"SELECT", b"EXAMINE"):
                said = b"" if "no validity" in self.manners else b"* OK [UIDVALIDITY %d] x\r\n"
                say(b"* %d EXISTS\r\n" % len(self.box))
                say(said % self.validity if said else b"")
                say(tag + b" OK [READ-WRITE] done\r\n")
            elif words[:2] == [b"UID", b"SEARCH"]:
                self._search(tag, rest, say)
            elif words[:2] == [b"UID", b"FETCH"]:
                if not self._fetch(tag, [int(u) for u in words[2].split(b",")], rest, say):
                    break
            elif name == b"IDLE" and self.idle:
                await self._idle(tag, reader, writer)
            elif name in (b"CLOSE", b"NOOP"):
                say(tag + b" OK done\r\n")
            else:
                say(tag + b" BAD unknown\r\n")
            answered += known
            await writer.drain()
        writer.close()

    def _refusal(self, words: list[bytes], answered: int) -> str:
        if self.throttle:
            self.throttle -= 1
            return "NO"
        if self.patience and answered > self.patience:
            return "NO"
        name = words[1] if words[0].upper() == b"UID" else words[0]
        return self.refused.get(name.decode().upper(), "")

    def _search(self, tag: bytes, rest: bytes, say) -> None:
        first, last = re.search(rb"UID (\d+)(?::(\d+|\*))?", rest).groups()
        present = sorted(self.box)
        if last == b"*":
            # RFC 3501: the range n:* always names the last message, even below n.
            found = [u for u in present if u >= int(first)] or present[-1:]
        else:
            found = [u for u in present if int(first) <= u <= int(last or first)]
        for uid in self.taken:
            self.box.pop(uid, None)
        say(b"* SEARCH " + b" ".join(b"%d" % u for u in found) + b"\r\n" + tag + b" OK done\r\n")

    async def _idle(self, tag: bytes, reader, writer) -> None:
        """Tell of new messages until the other side says DONE."""
        event = asyncio.Event()
        self._news.append(event)
        told = b"* %d EXISTS\r\n" % len(self.box) if "at once" in self.manners else b""
        writer.write(b"+ idling\r\n" + told)
        await writer.drain()
        done = asyncio.ensure_future(reader.readline())
        self.idling.set()
        while not done.done():
            news = asyncio.ensure_future(event.wait())
            await asyncio.wait([done, news], return_when=asyncio.FIRST_COMPLETED)
            if event.is_set():
                event.clear()
                writer.write(b"* %d EXISTS\r\n" % len(self.box))
                await writer.drain()
            news.cancel()
        self.idling.clear()
        self._news.remove(event)
        writer.write(tag + b" OK done\r\n")

    def _fetch(self, tag: bytes, uids: list[int], rest: bytes, say) -> bool:
        """Answer for each message in turn; False: hang up."""
        # RFC 3501, 6.4.8: a UID that is not there is no error.
        present = [uid for uid in uids if uid in self.box]
        if "backwards" in self.manners:
            present.reverse()
        if "news" in self.manners:
            say(b"* 99 EXISTS\r\n* 1 FETCH (FLAGS (\\Seen))\r\n")
        if "others" in self.manners:
            say(b"* 1 FETCH (UID 9999 BODY[] {4}\r\nspam)\r\n")
        if b"RFC822.SIZE" in rest:
            for uid in present:
                say(b"* 1 FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, len(self.box[uid])))
            say(tag + b" OK done\r\n")
            return True
        partial = re.search(rb"<0\.(\d+)>", rest)
        mark = b"<0>" if partial else b""
        refused = False
        for uid in [*present, *(present if "twice" in self.manners else [])]:
            raw = self.box[uid]
            if uid in self.cut_at:
                say(b"* 1 FETCH (UID %d BODY[] {%d}\r\n" % (uid, len(raw)) + raw[: len(raw) // 2])
                return False
            refused |= uid in self.broken
            if uid in self.broken or uid in self.silent:
                continue
            if not partial:
                self.fetched.append(uid)
            raw = raw[: int(partial[1])] if partial else raw
            raw = b"" if uid in self.empty else raw
            if "uid behind" in self.manners:
                head, end = b"BODY[]%b {%d}" % (mark, len(raw)), b" UID %d)" % uid
            else:
                head, end = b"UID %d BODY[]%b {%d}" % (uid, mark, len(raw)), b")"
            say(b"* 1 FETCH (" + head + b"\r\n" + raw + end + b"\r\n")
        say(tag + (b" NO cannot read all\r\n" if refused else b" OK done\r\n"))
        return True
