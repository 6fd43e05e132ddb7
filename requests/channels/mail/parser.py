"""Parse one mail, from bytes to what a conversation needs. Pure: no ORM, no clock, no network.

``parse`` never raises: ``problems`` names what cannot be read, and the rest is kept.
"""

import hashlib
import re
from dataclasses import dataclass, field
from email.utils import getaddresses

from requests.channels.mail import bounces, charsets, html, mime, quotes, senders

MOST_SHOWN = 200_000
ID = re.compile(r"<([^<>\s]{1,250})>")
STUB = re.compile(
    r"^(?:this (?:message|email) (?:is in|contains) html|your (?:mail|e-?mail) (?:client|reader)|"
    r"votre (?:messagerie|logiciel de messagerie)|to view this (?:message|email)|ce message est au "
    r"format html)",
    re.IGNORECASE,
)


@dataclass
class ParsedMail:
    """What was read. ``trace`` is every text in which our signed marks may be.

    ``auth`` is ``pass``, ``fail`` or "" (nobody we believe has looked).
    """

    message_id: str = ""
    replies_to: list[str] = field(default_factory=list)
    sender: str = ""
    sender_name: str = ""
    recipients: list[str] = field(default_factory=list)
    subject: str = ""
    text: str = ""
    folded: str = ""
    html: str = ""
    files: list[mime.File] = field(default_factory=list)
    too_big: list[str] = field(default_factory=list)
    automatic: str = ""
    bounce: bounces.Bounce | None = None
    auth: str = ""
    trace: str = ""
    problems: list[str] = field(default_factory=list)


def parse(raw: bytes, *, authserv_id: str = "", own_host: str = "") -> ParsedMail:
    """Read one mail. ``authserv_id`` names our mail server, ``own_host`` our Message-IDs."""
    found = ParsedMail()
    try:
        _parse(raw, found, authserv_id, own_host)
    except Exception as error:
        found.problems.append(repr(error)[:300])
        if not found.text:
            found.text = charsets.decode(raw[: mime.FLAT])
    return found


def _parse(raw: bytes, found: ParsedMail, authserv_id: str, own_host: str) -> None:
    message, flat = mime.read(raw)
    headers = mime.headers(message)

    def first(name: str) -> str:
        return (headers.get(name) or [""])[0]

    found.message_id = (ID.search(first("message-id")) or ["", ""])[1]
    if not found.message_id:
        found.message_id = first("message-id").strip("<> ")[:250]
    found.replies_to = list(
        dict.fromkeys(
            ID.findall(first("in-reply-to")[:4_000])
            + ID.findall(" ".join(headers.get("references", []))[:20_000])[::-1]
        )
    )[:100]
    found.subject = first("subject")[:300]
    people = addresses(headers.get("from") or headers.get("sender") or [])
    if people:
        found.sender_name, found.sender = people[0]
    to = [headers.get(n, []) for n in ("to", "cc", "delivered-to", "x-original-to", "envelope-to")]
    found.recipients = [a for _n, a in addresses([v for values in to for v in values])]
    one_author = len({a for _n, a in addresses(headers.get("from", []))}) == 1
    if one_author and len(headers.get("from", [])) == 1:
        results = headers.get("authentication-results", [])
        found.auth = senders.verdict(results, authserv_id, found.sender)
    if flat:
        found.problems.append("too deep or too large: shown as it came")
        body = re.split(rb"\r?\n\r?\n", raw[: mime.MOST_HEADER + mime.FLAT], maxsplit=1)
        parts = mime.Parts(plain=[charsets.decode(body[-1][: mime.FLAT])])
    else:
        parts = mime.collect(message)
    found.files, found.too_big = parts.files, parts.too_big
    found.problems += parts.problems
    _texts(parts, found)
    full = "\n".join([found.text, found.folded, *parts.trace])[: mime.FLAT]
    found.trace = "\n".join([*found.recipients, full])
    found.automatic = bounces.automatic_reason(headers, found.subject, own_host)
    if parts.report:
        found.bounce = bounces.read_report(parts.report, parts.report + full)
        found.automatic = found.automatic or "report"
    elif not parts.is_report or "disposition" not in first("content-type").lower():
        found.bounce = bounces.read_free_form(
            found.sender, found.subject, found.text + "\n" + found.folded, headers, full
        )
    if parts.is_report or found.bounce:
        found.automatic = found.automatic or "report"
    if found.sender.partition("@")[0] in bounces.DAEMONS:
        found.automatic = found.automatic or "From"


def _texts(parts: mime.Parts, found: ParsedMail) -> None:
    plain = "\n".join(text.strip("\n") for text in parts.plain).strip()
    rich = ""
    if parts.html:
        found.html = html.sanitise("\n".join(parts.html))
        rich = html.to_text(found.html)
    if rich and (not plain or (STUB.match(plain) and len(plain) < 300)):
        plain = rich
    found.text, found.folded = quotes.split(plain[:MOST_SHOWN].replace("\u00a0", " "))


def addresses(values: list[str]) -> list[tuple[str, str]]:
    """Return ``(name, address)`` of header values.

    Addresses are in lower case; invalid ones are left out.
    """
    found = []
    for value in values[:50]:
        try:
            pairs = getaddresses([value[:10_000]])
        except Exception:
            pairs = []
        if not any("@" in address for _name, address in pairs):
            pairs = [("", a) for a in re.findall(r"[\w.+'-]{1,64}@[\w.-]{1,250}", value[:10_000])]
        for name, address in pairs[:200]:
            address = re.sub(r"[\s\x00-\x1f<>]", "", address).lower()
            if "@" in address[1:-1] and len(address) <= 254:
                found.append((" ".join(name.split())[:160], address))
    return found


def identity(raw: bytes, message_id: str) -> str:
    """Return the same value for every copy of one mail, from Message-ID and body.

    Without Message-ID, from sender and date. The path headers differ between two of our mailboxes
    and are left out.
    """
    parts = re.split(rb"\r?\n\r?\n", raw.lstrip(b"\r\n"), maxsplit=1)
    head, body = parts[0], parts[1] if len(parts) > 1 else b""
    key = message_id.encode("utf-8", "replace")
    if not key:
        key = b"".join(re.findall(rb"(?im)^(?:from|date|subject|to):[^\n]*", head[:65_536]))
    return hashlib.sha256(key + b"\0" + body.replace(b"\r\n", b"\n").rstrip()).hexdigest()


def message_id_of(raw: bytes) -> str:
    """Return the Message-ID alone, fast enough for the moment when a mail is stored."""
    head = re.split(rb"\r?\n\r?\n", raw[: mime.MOST_HEADER].lstrip(b"\r\n"), maxsplit=1)[0]
    found = re.search(rb"(?im)^message-id:\s*<?([^<>\s]{1,250})", head)
    return charsets.decode(found[1]) if found else ""
