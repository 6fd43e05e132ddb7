"""Stand-ins for the SMS and messaging providers: nothing leaves the machine.

They speak Twilio's Messages resource, the WhatsApp Business Cloud API and Messenger's private
replies, refuse as documented and post signed receipts. Development, demonstration and tests only.
"""

import argparse
import base64
import datetime
import email
import hashlib
import hmac
import json
import os
import secrets
import signal
import threading
import urllib.request
from collections import deque
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

MOST_KEPT = 500
NUMBER_ID = "106"  # how the messaging provider calls our number
WINDOW = 24 * 3600  # seconds after a person's last message in which free text may be sent


@dataclass(frozen=True)
class Text:
    """One message that was accepted.

    ``at`` is ISO 8601, UTC; ``kind`` is text, template, or what a private reply answers:
    comment_id or post_id.
    """

    at: str
    channel: str
    to: str
    text: str
    kind: str
    number: str


def messages(folder: Path) -> list[Text]:
    """Return the accepted messages, newest first."""
    found = []
    for path in sorted(folder.glob("*.json"), reverse=True)[:MOST_KEPT]:
        try:
            found.append(Text(**json.loads(path.read_text("utf-8"))))
        except (OSError, ValueError, TypeError):
            continue  # being written, or not ours
    return found


class Catcher:
    """All providers on one port. ``answers`` are (status, code) to give instead of accepting.

    ``media`` maps a media id to (type, bytes). ``callback`` is the URL of messaging receipts and
    ``secret`` signs them; without it none is posted.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        sms_token: str = "",
        secret: str = "",
        callback: str = "",
        receipts: bool = False,
    ) -> None:
        self.folder, self.sms_token, self.secret = folder, sms_token, secret
        self.callback, self.receipts = callback, receipts
        self.posts: list[tuple[str, dict]] = []
        self.answers: deque[tuple[int, int]] = deque()
        self.media: dict[str, tuple[str, bytes]] = {}
        self.spoke: dict[str, float] = {}  # number -> epoch seconds of its last message to us
        self.replied: set[str] = set()  # comments and posts that had their one private reply
        if folder:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                path = urlsplit(self.path).path
                if path.endswith("/Messages.json"):
                    outer.sms(self, path, body)
                elif path.endswith("/messages"):
                    outer.chat(self, path, body)
                elif path.endswith("/media"):
                    outer.upload(self, body)
                else:
                    reply(self, 404, {"error": {"code": 100, "message": "unknown path"}})

            def do_GET(self) -> None:
                outer.file(self, urlsplit(self.path).path.rpartition("/")[2])

            def log_message(self, *_args) -> None:
                """Log nothing."""

        self.server = ThreadingHTTPServer((host, port), Handler)
        self.port = self.server.server_port
        self.base = f"http://{host}:{self.port}"

    def __enter__(self) -> "Catcher":
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_error) -> None:
        self.server.shutdown()
        self.server.server_close()

    def sms(self, asked, path: str, body: bytes) -> None:
        form = {k: v[0] for k, v in parse_qs(body.decode()).items()}
        self.posts.append((path, form))
        if self.answers:
            status, code = self.answers.popleft()
            reply(asked, status, {"code": code, "message": "refused", "status": status})
            return
        number = f"SM{secrets.token_hex(16)}"
        self.keep(Text(_now(), "sms", form["To"], form["Body"], "text", number))
        reply(asked, 201, {"sid": number, "status": "queued"})
        if self.receipts and form.get("StatusCallback"):
            url = form["StatusCallback"]
            given = {"MessageSid": number, "MessageStatus": "delivered"}
            told = url + "".join(name + given[name] for name in sorted(given))
            sign = hmac.new(self.sms_token.encode(), told.encode(), hashlib.sha1).digest()
            headers = {"X-Twilio-Signature": base64.b64encode(sign).decode()}
            self.tell(url, urlencode(given).encode(), headers)

    def chat(self, asked, path: str, body: bytes) -> None:
        given = json.loads(body)
        self.posts.append((path, given))
        if isinstance(given.get("recipient"), dict):
            self.private(asked, given)
            return
        account, kind = str(given.get("recipient", "")), given["type"]
        to = "+" + given["to"].lstrip("+") if "to" in given else account
        status, code = self.answers.popleft() if self.answers else (200, 0)
        if not code and kind != "template" and _epoch() - self.spoke.get(to, 0) > WINDOW:
            status, code = 400, 131047
        if status != 200:
            reply(asked, status, {"error": {"code": code, "message": "refused"}})
            return
        if kind == "template":
            template = given["template"]
            values = [p["text"] for part in template["components"] for p in part["parameters"]]
            text = " ".join(values)
        elif kind in ("document", "image"):
            shown = given[kind]
            if shown["id"] not in self.media:
                reply(asked, 400, {"error": {"code": 100, "message": "no such file"}})
                return
            text = shown.get("filename", kind)
        else:
            text = given["text"]["body"]
        number = f"wamid.{secrets.token_hex(12)}"
        if "to" in given and not to[1:].isdigit():
            # An account under "to": the provider says yes, and delivers nothing.
            reply(asked, 200, {"messages": [{"id": number}]})
            return
        self.keep(Text(_now(), "social", to, text, kind, number))
        reply(asked, 200, {"messages": [{"id": number}]})
        if self.receipts and self.callback:
            for state in ("sent", "delivered"):
                self.tell_status(number, state, given.get("biz_opaque_callback_data", ""))

    def upload(self, asked, body: bytes) -> None:
        """Take a file and give it a number, under which a message may show it."""
        head = f"Content-Type: {asked.headers['Content-Type']}\r\n\r\n".encode()
        parts = email.message_from_bytes(head + body).walk()
        file = next(part for part in parts if part.get_filename())
        number = secrets.token_hex(8)
        data = file.get_payload(decode=True)
        assert isinstance(data, bytes)
        self.media[number] = (file.get_content_type(), data)
        reply(asked, 200, {"id": number})

    def private(self, asked, given: dict) -> None:
        """Accept a private reply to a comment or a post: one each."""
        kind, number = next(iter(given["recipient"].items()))
        status, code, words = 200, 0, "refused"
        if self.answers:
            status, code = self.answers.popleft()
        elif not asked.headers.get("Authorization", "").startswith("Bearer "):
            status, code, words = 401, 190, "Invalid OAuth access token."
        elif kind not in ("comment_id", "post_id") or not number:
            status, code, words = 400, 100, f"Invalid {kind} parameter"
        elif number in self.replied:
            status, code, words = 400, 10900, "Activity already replied to"
        if status != 200:
            error = {"message": f"(#{code}) {words}", "type": "OAuthException", "code": code}
            reply(asked, status, {"error": error})
            return
        self.replied.add(number)
        message = f"m_{secrets.token_hex(16)}"
        self.keep(Text(_now(), "page", number, given["message"]["text"], kind, message))
        reply(asked, 200, {"recipient_id": secrets.token_hex(8), "message_id": message})

    def tell_status(self, number: str, status: str, ours: str) -> None:
        told = {"id": number, "status": status, "biz_opaque_callback_data": ours}
        body = envelope(statuses=[told])
        self.tell(self.callback, body, {"X-Hub-Signature-256": hub_signature(self.secret, body)})

    def file(self, asked, number: str) -> None:
        """Answer with the address of a file, then with the file itself (``<id>.bin``)."""
        found = self.media.get(number.removesuffix(".bin"))
        if found is None or not asked.headers.get("Authorization", "").startswith("Bearer "):
            reply(asked, 404, {"error": {"code": 100, "message": "no such file"}})
        elif number.endswith(".bin"):
            reply(asked, 200, found[1], found[0])
        else:
            url = f"{self.base}/files/{number}.bin"
            about = {"url": url, "mime_type": found[0], "file_size": len(found[1]), "id": number}
            reply(asked, 200, about)

    def keep(self, text: Text) -> None:
        if self.folder is None:
            return
        target = self.folder / f"{text.at.replace(':', '')}-{secrets.token_hex(3)}.json"
        partial = target.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(text), ensure_ascii=False), "utf-8")
        os.replace(partial, target)

    def tell(self, url: str, body: bytes, headers: dict) -> None:
        """Post a receipt, later and in a thread: the provider never waits for us."""

        def post() -> None:
            asked = urllib.request.Request(url, body, headers)
            try:
                with urllib.request.urlopen(asked, timeout=5):
                    pass
            except OSError as error:
                print(f"receipt not taken: {error}", flush=True)

        timer = threading.Timer(1.0, post)
        timer.daemon = True
        timer.start()


def envelope(*, messages=(), statuses=(), contacts=()) -> bytes:
    """Return a webhook's body as the messaging provider writes it."""
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER_ID}}
    named = (("contacts", contacts), ("messages", messages), ("statuses", statuses))
    value |= {name: list(rows) for name, rows in named if rows}
    entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def feed(*values: dict, page: str = "106000000000001") -> bytes:
    """Return a webhook's body as the provider writes it for a public page: one change per value."""
    changes = [{"field": "feed", "value": value} for value in values]
    now = int(_epoch())
    return json.dumps(
        {"object": "page", "entry": [{"id": page, "time": now, "changes": changes}]}
    ).encode()


def hub_signature(secret: str, body: bytes) -> str:
    """Return ``X-Hub-Signature-256``: HMAC-SHA256 of the raw body under the app's secret."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def reply(asked, status: int, said, content_type: str = "application/json") -> None:
    data = said if isinstance(said, bytes) else json.dumps(said).encode()
    asked.send_response(status)
    asked.send_header("Content-Type", content_type)
    asked.send_header("Content-Length", str(len(data)))
    asked.end_headers()
    asked.wfile.write(data)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat()


def _epoch() -> float:
    return datetime.datetime.now(datetime.UTC).timestamp()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="host:port")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    host, _, port = given.address.rpartition(":")
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_args: ended.set())
    catcher = Catcher(
        given.folder,
        host=host,
        port=int(port),
        sms_token=os.environ.get("PALIER_SMS_TOKEN", "demo"),
        secret=os.environ.get("PALIER_WHATSAPP_SECRET", "demo"),
        callback=os.environ.get("PALIER_URL", "") + "/hooks/whatsapp/",
        receipts=True,
    )
    with catcher:
        print(f"catching text messages on {given.address} into {given.folder}", flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
