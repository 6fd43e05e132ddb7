"""A small honest IMAP server (RFC 3501) over a real socket: what our poller asks, it answers.

LOGIN, CAPABILITY, STARTTLS, SELECT, UID SEARCH, UID FETCH (size, whole and partial bodies), LOGOUT.
Faults are made on request: refusals of whole commands, for a while or for good; a message that
cannot be fetched; a connection cut in the middle of one.
"""

import asyncio
import re
import ssl
import threading


class ImapServer:
    """``box`` maps UIDs to raw messages.

    ``broken`` UIDs answer NO; ``cut_at`` UIDs hang up within the message. ``refused`` maps commands
    (``SELECT``, ``SEARCH``, ``FETCH``) to how the server answers them: NO or BAD. ``throttle`` is
    how many commands after the login are answered NO before the server is itself again. ``tls`` is
    how it proves who it is: from the first byte, or with ``upgrade`` when STARTTLS asks.
    """

    def __init__(
        self,
        user: str = "palier",
        password: str = "secret",
        *,
        tls: ssl.SSLContext | None = None,
        upgrade: bool = False,
    ) -> None:
        self.user, self.password = user, password
        self.tls, self.upgrade = tls, upgrade
        self.box: dict[int, bytes] = {}
        self.broken: set[int] = set()
        self.cut_at: set[int] = set()
        self.refused: dict[str, str] = {}
        self.throttle = 0
        self.validity, self.logins, self.fetched = 7, 0, []
        self.connections, self.passwords = 0, []  # what anybody who listens would learn
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "ImapServer":
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_error) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

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
        writer.write(b"* OK ready\r\n")
        known = False
        while line := await reader.readline():
            tag, _, rest = line.strip().partition(b" ")
            words = rest.split()
            name = words[0].upper() if words else b""
            say = writer.write
            if name == b"CAPABILITY":
                more = b" STARTTLS" if self.upgrade else b""
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
                self.passwords.append(words[2].strip(b'"').decode())
                self.logins += known
                say(tag + (b" OK in\r\n" if known else b" NO [AUTHENTICATIONFAILED] no\r\n"))
            elif name == b"LOGOUT":
                say(b"* BYE\r\n" + tag + b" OK done\r\n")
                break
            elif not known:
                say(tag + b" NO log in first\r\n")
            elif answer := self._refusal(words):
                say(tag + b" " + answer.encode() + b" [THROTTLED] come again later\r\n")
            elif name in (b"SELECT", b"EXAMINE"):
                say(b"* %d EXISTS\r\n* OK [UIDVALIDITY %d] x\r\n" % (len(self.box), self.validity))
                say(tag + b" OK [READ-WRITE] done\r\n")
            elif words[:2] == [b"UID", b"SEARCH"]:
                first = int(re.search(rb"(\d+):\*", rest)[1])
                # RFC 3501: the range n:* always names the last message, even below n.
                found = [u for u in sorted(self.box) if u >= first] or sorted(self.box)[-1:]
                say(b"* SEARCH " + b" ".join(b"%d" % u for u in found) + b"\r\n")
                say(tag + b" OK done\r\n")
            elif words[:2] == [b"UID", b"FETCH"]:
                if not self._fetch(tag, int(words[2]), rest, say):
                    break
            elif name == b"CLOSE":
                say(tag + b" OK done\r\n")
            else:
                say(tag + b" BAD unknown\r\n")
            await writer.drain()
        writer.close()

    def _refusal(self, words: list[bytes]) -> str:
        if self.throttle:
            self.throttle -= 1
            return "NO"
        name = words[1] if words[0].upper() == b"UID" else words[0]
        return self.refused.get(name.decode().upper(), "")

    def _fetch(self, tag: bytes, uid: int, rest: bytes, say) -> bool:
        raw = self.box.get(uid)
        if raw is None:  # RFC 3501, 6.4.8: a UID that is not there is no error
            say(tag + b" OK done\r\n")
            return True
        if b"RFC822.SIZE" in rest:
            say(b"* 1 FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, len(raw)) + tag + b" OK done\r\n")
            return True
        if uid in self.cut_at:
            say(b"* 1 FETCH (UID %d BODY[] {%d}\r\n" % (uid, len(raw)) + raw[: len(raw) // 2])
            return False
        if uid in self.broken:
            say(tag + b" NO cannot read this one\r\n")
            return True
        self.fetched.append(uid)
        partial = re.search(rb"<0\.(\d+)>", rest)
        mark = b"<0>" if partial else b""
        raw = raw[: int(partial[1])] if partial else raw
        say(b"* 1 FETCH (UID %d BODY[]%b {%d}\r\n" % (uid, mark, len(raw)) + raw + b")\r\n")
        say(tag + b" OK done\r\n")
        return True
