"""A receiver of webhooks, written from the public specification alone; it imports nothing of ours.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

Headers ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``; signed is
``{id}.{timestamp}.{body}``; ``v1`` is HMAC-SHA256 with the bytes behind ``whsec_``, ``v1a`` ed25519
with the key behind ``whpk_``; a timestamp too far from now is refused; a repeated id is answered
and dropped.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TOLERANCE = 5 * 60


class Receiver:
    """A server that verifies what it gets. ``answers`` are the next statuses, then 204."""

    def __init__(self) -> None:
        self.secret = self.public = ""
        self.clock: Callable[[], float] = time.time
        self.answers: list[int] = []
        self.headers: dict[str, str] = {}  # of the answers
        self.taken: dict[str, dict] = {}  # id → body, each once
        self.repeats: list[str] = []
        self.refused: list[str] = []
        self.requests: list[dict] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.receive(dict(self.headers.items()), body)
                self.send_response(status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def receive(self, headers: dict[str, str], body: bytes) -> int:
        """Return the status for one request: 401 when no signature holds."""
        given = {name.lower(): value for name, value in headers.items()}
        self.requests.append(given | {"body": body.decode()})
        name, stamp = given["webhook-id"], given["webhook-timestamp"]
        if abs(self.clock() - int(stamp)) > TOLERANCE:
            self.refused.append("timestamp")
            return 401
        if not self.holds(name, stamp, body, given["webhook-signature"].split(" ")):
            self.refused.append("signature")
            return 401
        status = self.answers.pop(0) if self.answers else 204
        if 200 <= status < 300:
            if name in self.taken:
                self.repeats.append(name)
            self.taken[name] = json.loads(body)
        return status

    def holds(self, name: str, stamp: str, body: bytes, signatures: list[str]) -> bool:
        """Return whether each key that this receiver has verifies one of the signatures."""
        signed = f"{name}.{stamp}.".encode() + body
        found = []
        if self.secret:
            key = base64.b64decode(self.secret.removeprefix("whsec_"), validate=True)
            mine = hmac.new(key, signed, hashlib.sha256).digest()
            given = [base64.b64decode(s[3:]) for s in signatures if s.startswith("v1,")]
            found.append(any(hmac.compare_digest(mine, one) for one in given))
        if self.public:
            raw = base64.b64decode(self.public.removeprefix("whpk_"), validate=True)
            found.append(any(verifies(raw, s, signed) for s in signatures if s.startswith("v1a,")))
        return bool(found) and all(found)


def verifies(raw: bytes, signature: str, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(base64.b64decode(signature[4:]), signed)
    except InvalidSignature:
        return False
    return True
