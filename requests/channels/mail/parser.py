"""Parse one mail, from bytes to what a conversation needs. Pure: no ORM, no clock, no network.

``parse`` never raises: ``problems`` names what cannot be read, and the rest is kept.
"""

import hashlib
import re
from dataclasses import dataclass, field

from requests.channels.mail import (
    addresses,
    bounces,
    charsets,
    containers,
    html,
    mime,
    quotes,
    senders,
)

MOST_SHOWN = 200_000
ID = re.compile(r"<([^<>\s]{1,250})>")
STUB = re.compile(
    r"^(?:this (?:message|email) (?:is in|contains) html|your (?:mail|e-?mail) (?:client|reader)|"
    r"votre (?:messagerie|logiciel de messagerie)|to view this (?:message|email)|ce message est au "
    r"format html)",
    re.IGNORECASE,
)
RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
HINTS = ("reply-to", "sender", "return-path")
# A mail has at least one of these; what has none is bare text.
KNOWN = {
    *("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id"),
    *("received", "return-path", "mime-version", "content-type"),
}
BLANK = b" \t\n\r\x0b\x0c"
# What a strict reader takes for the head: lines with a name, and their continuations.
HEAD = re.compile(rb"(?:[!-9;-~]{1,200}:[^\n]*\n|[ \t][^\n]*\n)*")
AUTHORED = re.compile(
    rb"(?im)^(?:message-id|from|sender|reply-to|to|cc|date|subject|in-reply-to|references|"
    rb"content-type):[^\r\n]*"
)


@dataclass
class ParsedMail:
    """What was read. ``trace`` is every text in which our signed marks may be.

    ``auth`` is ``pass``, ``fail`` or "" (nobody we believe has looked), ``proof`` by what.
    ``encrypted``: only whoever has the receiver's key can read it. ``sender`` is "" when ``From``
    names nobody or cannot be read; ``hints`` are then addresses that other headers name, as
    ``(header, address)``: never proven, for people only.
    """

    message_id: str = ""
    replies_to: list[str] = field(default_factory=list)
    sender: str = ""
    sender_name: str = ""
    hints: list[tuple[str, str]] = field(default_factory=list)
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
    encrypted: bool = False
    proof: str = ""
    trace: str = ""
    problems: list[str] = field(default_factory=list)


def parse(
    raw: bytes, *, authserv_id: str = "", own_host: str = "", own_domain: str = ""
) -> ParsedMail:
    """Read one mail.

    ``authserv_id`` names our mail server, ``own_host`` our Message-IDs, ``own_domain`` our lists.
    """
    found = ParsedMail()
    try:
        _parse(raw, found, authserv_id, own_host, own_domain)
    except Exception as error:
        found.problems.append(repr(error)[:300])
        if not found.text:
            found.text = charsets.decode(raw[: mime.FLAT])
    return found


def _parse(raw: bytes, found: ParsedMail, authserv_id: str, own_host: str, own_domain: str) -> None:
    raw = mime.tidy(raw)
    message, flat = mime.read(raw)
    undecoded = mime.undecoded_headers(message)
    declared = mime.charset_of_text(message)
    headers = {
        name: [charsets.header(value, declared) for value in values]
        for name, values in undecoded.items()
    }

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
    authors = addresses.authors(undecoded.get("from", []))
    _people(authors, undecoded, found)
    if len(authors) == 1 and authors[0].sure:
        results = undecoded.get("authentication-results", [])
        found.auth, found.proof = senders.verdict(results, authserv_id, found.sender)
    if not KNOWN & headers.keys():
        # Bare text: its first lines may look like headers, and are its words.
        parts = mime.Parts(plain=[charsets.decode(raw[: mime.FLAT])])
    elif flat:
        found.problems.append("too deep or too large: shown as it came")
        body = re.split(rb"\r?\n\r?\n", raw[: mime.MOST_HEADER + mime.FLAT], maxsplit=1)
        parts = mime.Parts(plain=[charsets.decode(body[-1][: mime.FLAT])])
    else:
        parts = mime.collect(message)
    opened = containers.unpack(parts)
    found.encrypted = opened.encrypted
    found.files, found.too_big = parts.files, parts.too_big
    found.problems += parts.problems
    _texts(parts, found)
    full = "\n".join([found.text, found.folded, *parts.trace])[: mime.FLAT]
    found.trace = "\n".join([*found.recipients, full])
    found.automatic = bounces.automatic_reason(headers, found.subject, own_host, own_domain)
    said = f"{found.text}\n{found.folded}"
    if parts.feedback:
        found.bounce = bounces.read_complaint(parts.feedback, parts.feedback + full)
        found.automatic = found.automatic or "report"
    elif parts.report:
        found.bounce = bounces.read_report(parts.report, parts.report + full, said)
        found.automatic = found.automatic or "report"
    elif not parts.is_report or "disposition" not in first("content-type").lower():
        found.bounce = bounces.read_free_form(
            found.sender,
            found.subject,
            said,
            headers,
            full,
            name=found.sender_name,
            reported=parts.is_report,
        )
    if parts.is_report or found.bounce:
        found.automatic = found.automatic or "report"
    if found.sender.partition("@")[0] in bounces.DAEMONS:
        found.automatic = found.automatic or "From"
    if not found.bounce:
        _add_forwarded(opened.forwarded, found)


def _texts(parts: mime.Parts, found: ParsedMail) -> None:
    plain = "\n".join(text.strip("\n") for text in parts.plain).strip()
    rich = ""
    if parts.html:
        found.html = html.sanitise("\n".join(parts.html))
        rich = html.to_text(found.html)
    elif parts.enriched:
        rich = html.enriched_to_text("\n".join(parts.enriched))
    if rich and (not plain or (STUB.match(plain) and len(plain) < 300)):
        plain = rich
    found.text, found.folded = quotes.split(plain[:MOST_SHOWN].replace("\u00a0", " "))


def _add_forwarded(forwarded: list[str], found: ParsedMail) -> None:
    """Show the words of attached messages: folded, or as the text of a mail that has none."""
    words = "\n\n".join(forwarded)[:MOST_SHOWN].replace("\u00a0", " ")
    if not found.text.strip():
        found.text = words or found.text
    elif words:
        found.folded = f"{found.folded}\n\n{words}".strip("\n")


def _people(
    authors: list[addresses.Person], undecoded: dict[str, list[str]], found: ParsedMail
) -> None:
    """Note sender and recipients; without a readable sender, what other headers say of it."""
    if authors:
        found.sender_name, found.sender = authors[0].name, authors[0].address
    found.recipients = addresses.addresses(
        [value for name in RECIPIENTS for value in undecoded.get(name, [])]
    )
    if found.sender:
        return
    for name in HINTS:
        found.hints += [(name.title(), a) for a in addresses.addresses(undecoded.get(name, [])[:1])]


def identity(raw: bytes) -> str:
    """Return the same value for the copies of one mail that two of our mailboxes got.

    It covers what its author wrote: the headers in ``AUTHORED`` and the body. What servers add on
    the way differs between copies and is left out. A mail without such headers is all its bytes.
    """
    raw = mime.tidy(raw).replace(b"\r\n", b"\n")
    end = len(raw)
    while end and raw[end - 1] in BLANK:
        end -= 1
    top = raw[: min(end, mime.MOST_HEADER)] + b"\n"
    found = HEAD.match(top[: mime.MOST_HEADER])
    head = found[0] if found else b""
    written = AUTHORED.findall(re.sub(rb"\n[ \t]+", b" ", head))
    start = len(head) if written else 0
    while written and start < end and raw[start] in BLANK:
        start += 1
    # Of 30 MB no copy more than needed.
    key = b"\n".join(b" ".join(line.split()) for line in written) + b"\0" if written else b""
    digest = hashlib.sha256(key)
    digest.update(memoryview(raw)[start : max(start, end)])
    digest.update(b"" if written else b"\n")
    return digest.hexdigest()


def message_id_of(raw: bytes) -> str:
    """Return the Message-ID alone, fast enough for the moment when a mail is stored."""
    head = re.split(rb"\r?\n\r?\n", mime.tidy(raw[: mime.MOST_HEADER]), maxsplit=1)[0]
    found = re.search(rb"(?im)^message-id:\s*<?([^<>\s]{1,250})", head)
    return charsets.decode(found[1]) if found else ""
