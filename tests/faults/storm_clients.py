"""Clients of the storm: they file and reply through every channel, and keep a ledger of what was
acknowledged.

Each text holds a mark of its own. A client that gets no clear answer sends the same thing again,
with the same key, until it does: what it did must be there once.
"""

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from email.message import EmailMessage
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from portal.dev import phonecatcher
from portal.form_keys import FIELD, new_key
from requests.channels.signatures import sign

FORM = "application/x-www-form-urlencoded"
TIMEOUT = 20  # seconds
REPLIES = 2  # for a request, on average
COMMENTS = 6  # on a request: with more to its author, the portal would hold some back
CHAT_SECRET = "demo"  # portal/settings/dev.py
CUT = 0.03  # share of the requests whose answer is cut off


class Lost(Exception):
    """No clear answer came: refused, cut, timed out, or 5xx."""


class Clients:
    """Threads that send until they are told to stop. ``acknowledged`` maps marks to channels."""

    def __init__(
        self,
        port: int,
        *,
        token: str,
        hook_key: str,
        dwelling: int,
        seed: int,
        clock: Callable[[], float],
    ) -> None:
        """``clock`` tells the seconds that the portal believes it is."""
        self.port, self.token, self.hook_key, self.dwelling = port, token, hook_key, dwelling
        self.clock = clock
        self.rng = random.Random(seed)
        self.acknowledged: dict[str, str] = {}
        self.wrong: list[str] = []
        self.answers: Counter = Counter()
        self.links: list[str] = []
        self.claims: list[str] = []
        self.phones: list[str] = []
        self.ended = threading.Event()
        self.hurry = threading.Event()
        self.crowded = threading.Event()
        self.number = 0
        self.done = {True: 0, False: 0}  # requests, replies
        self.comments: Counter = Counter()
        self.lock = threading.Lock()
        self.threads: list[threading.Thread] = []

    def start(self, pace: float) -> None:
        """Start the threads of each channel; each waits ``pace`` seconds between two things.

        Most file on the web, where one request takes five forms. While the portal is ``crowded``
        nobody files; a reply is little work, but there are ``REPLIES`` for a request at most.
        """
        filers = {self.by_web: 3, self.by_api: 2, self.by_mail: 2, self.by_sms: 2, self.by_chat: 2}
        repliers = {self.reply: 5, self.comment: 2, self.reply_by_sms: 1}
        for act, count in (filers | repliers).items():
            for _number in range(count):
                told = (act, pace, act in filers)
                thread = threading.Thread(target=self._run, args=told, daemon=True)
                self.threads.append(thread)
                thread.start()

    def stop(self, seconds: float) -> None:
        """Let each finish what it began."""
        self.ended.set()
        for thread in self.threads:
            thread.join(seconds)
        if any(thread.is_alive() for thread in self.threads):
            self.wrong.append("a client never got a clear answer")

    def _run(self, act: Callable[[str], str | None], pace: float, files: bool) -> None:
        while not self.ended.is_set():
            with self.lock:
                self.number += 1
                mark = f"storm-{self.number:05}-end"
            try:
                channel = act(mark)
            except Exception as error:
                self.wrong.append(f"{act.__name__}: {error!r}")
                return
            if channel:
                self.acknowledged[mark] = channel
                with self.lock:
                    self.done[files] += 1
            self.ended.wait(pace)
            while not self._may_go_on(files) and not self.ended.wait(0.2):
                pass

    def _may_go_on(self, files: bool) -> bool:
        if files:
            return not self.crowded.is_set()
        return self.done[False] < REPLIES * self.done[True]

    # -- asking -----------------------------------------------------------------------------------

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str):
        """Return (status, headers, body). Raises Lost."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            line.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
            if method == "POST" and self.rng.random() < CUT:
                time.sleep(self.rng.random() / 5)
                self.answers["cut off"] += 1
                raise Lost("cut off")
            answer = line.getresponse()
            found = answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.answers[type(error).__name__] += 1
            raise Lost(repr(error)) from error
        finally:
            line.close()
        self.answers[str(found[0])] += 1
        if found[0] >= 500:
            raise Lost(str(found[0]))
        return found

    def until_clear(self, method: str, path: str, body: bytes = b"", **headers: str):
        """Ask again until a clear answer comes."""
        while True:
            try:
                return self.ask(method, path, body, **headers)
            except Lost:
                time.sleep(0.2 if self.hurry.is_set() else 0.5)

    # -- channels ---------------------------------------------------------------------------------

    def by_web(self, mark: str) -> str:
        while True:
            browser = Browser(self)
            steps = {
                "/file/fault/water/": {"category": "PLO-03"},
                "/file/where/": {"address": "1 rue du Lin", "home": "other"},
                "/file/words/": {"words": mark},
                "/file/reach/": {"name": "Awa", "email": f"{mark}@example.test"},
            }
            for path, values in steps.items():
                browser.send(path, values)
            status, where = browser.send("/file/check/", {})
            if status == 302 and where.startswith("/s/"):
                self.links.append(where)
                return "web"
            if not (status == 302 and where.startswith("/file/")):
                raise AssertionError(f"filing answered {status} {where}")
            # The session of the steps was never stored: nothing was filed, begin again.

    def by_api(self, mark: str) -> str:
        values = {
            "category": "PLO-03",
            "words": mark,
            "dwelling": self.dwelling,
            "contact_email": f"{mark}@example.test",
        }
        status, _headers, body = self._api("/api/v1/claims/", mark, values)
        assert status == 201, (status, body[:300])
        self.claims.append(json.loads(body)["id"])
        return "api"

    def comment(self, mark: str) -> str | None:
        if not self.claims:
            return None
        claim = self.rng.choice(self.claims)
        self.comments[claim] += 1
        if self.comments[claim] > COMMENTS:
            return None
        path = f"/api/v1/claims/{claim}/comments/"
        status, _headers, body = self._api(path, mark, {"text": mark})
        assert status in (201, 404), (status, body[:300])  # 404: another desk's since
        return "comment" if status == 201 else None

    def _api(self, path: str, mark: str, values: dict):
        return self.until_clear(
            "POST",
            path,
            json.dumps(values).encode(),
            Authorization=f"Token {self.token}",
            Content_Type="application/json",
            Idempotency_Key=mark,
        )

    def by_mail(self, mark: str) -> str:
        mail = EmailMessage()
        mail["From"], mail["To"] = f"{mark}@example.test", "agence@palier.example"
        mail["Subject"], mail["Message-ID"] = f"Fuite {mark[6:11]}", f"<{mark}@example.test>"
        mail.set_content(f"Bonjour, {mark}")
        status = self._hook("/hooks/mail/agence/", mail.as_bytes(), "message/rfc822")
        assert status == 202, status
        return "mail"

    def by_sms(self, mark: str) -> str:
        sender = f"+336{int(mark[6:11]):08}"
        self._text(mark, sender)
        self.phones.append(sender)
        return "sms"

    def reply_by_sms(self, mark: str) -> str | None:
        """Write again from a number that wrote before; it joins the request that is open."""
        if not self.phones:
            return None
        self._text(mark, self.rng.choice(self.phones))
        return "reply"

    def _text(self, mark: str, sender: str) -> None:
        form = urlencode({"MessageSid": mark, "From": sender, "To": "+33639980000", "Body": mark})
        status = self._hook("/hooks/sms/", form.encode(), FORM)
        assert status == 202, status

    def by_chat(self, mark: str) -> str:
        """Write by messaging; every other person hides their number behind an account."""
        number = int(mark[6:11])
        who = {"from_user_id": f"FR.{number}"} if number % 2 else {"from": f"337{number:08}"}
        row = {"id": mark, "type": "text", "text": {"body": mark}, **who}
        body = phonecatcher.envelope(messages=[row])
        signed = {"X_Hub_Signature_256": phonecatcher.hub_signature(CHAT_SECRET, body)}
        kind = "application/json"
        status, *_rest = self.until_clear(
            "POST", "/hooks/whatsapp/", body, Content_Type=kind, **signed
        )
        assert status == 200, status
        return "chat"

    def _hook(self, path: str, body: bytes, kind: str) -> int:
        while True:
            at = int(self.clock())
            signed = {
                "X_Palier_Timestamp": str(at),
                "X_Palier_Signature": sign(self.hook_key, at, body),
            }
            try:
                return self.ask("POST", path, body, Content_Type=kind, **signed)[0]
            except Lost:
                time.sleep(0.3)

    def reply(self, mark: str) -> str | None:
        if not self.links:
            return None
        link = self.rng.choice(self.links)
        status, where = Browser(self).send(f"{link}write/", {"text": mark})
        assert status == 302, (status, where)
        assert where.startswith("/s/"), where
        return "reply"


class Browser:
    """One visitor: its cookies, and a form key that stays the same until the answer is clear."""

    def __init__(self, clients: Clients) -> None:
        self.clients, self.cookies = clients, {"csrftoken": new_key()}

    def send(self, path: str, values: dict) -> tuple[int, str]:
        """Post a form; return the status and where it led."""
        form = {**values, FIELD: new_key(), "csrfmiddlewaretoken": self.cookies["csrftoken"]}
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        status, headers, _body = self.clients.until_clear(
            "POST", path, urlencode(form).encode(), Content_Type=FORM, Cookie=jar
        )
        for line in headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return status, headers.get("Location", "")
