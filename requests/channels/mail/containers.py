"""Open what a mail packs into one file: winmail.dat, opaque S/MIME, forwarded messages. Pure.

People send photos inside such files without knowing it. What was inside takes the place of its
container, in the sender's order; a forwarded message stays beside its own files.
"""

from dataclasses import dataclass, field

from requests.channels.mail import charsets, html, mime, rtf, smime, tnef, uuencode

DEEPEST = 4
MOST_FORWARDED = 40_000  # characters of one forwarded message
SMIME = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
PGP = "application/pgp-encrypted"
PGP_TEXT = "-----BEGIN PGP MESSAGE-----"
RTF = {"application/rtf", "text/rtf", "application/x-rtf"}
FORWARDED = {"message/rfc822", "message/global"}
SAID = (("From", "from"), ("Date", "date"), ("To", "to"), ("Subject", "subject"))


@dataclass
class Opened:
    """``forwarded`` are the words of messages that were attached; ``encrypted``: nobody but the
    receiver whom the sender meant can read the mail."""

    forwarded: list[str] = field(default_factory=list)
    encrypted: bool = False


def unpack(parts: mime.Parts, depth: int = 0) -> Opened:
    """Replace the containers among the files of ``parts`` by what they hold."""
    opened = Opened()
    packed, parts.files = parts.files, []
    parts.plain = [_decoded(text, parts) for text in parts.plain]
    for file in packed:
        if len(parts.files) >= mime.MOST_PARTS:
            parts.problems.append("too many files")
            break
        try:
            _open(file, parts, opened, depth)
        except Exception as error:
            parts.problems.append(f"{file.name}: {error!r}"[:200])
            parts.files.append(file)
    if not _has_text(parts):
        rich = [file.data for file in parts.files if file.content_type in RTF]
        parts.plain += [text for text in map(rtf.to_text, rich[:1]) if text]
    if any(PGP_TEXT in text for text in parts.plain):
        opened.encrypted = True
    parts.files = _named_apart(parts.files)
    return opened


def _has_text(parts: mime.Parts) -> bool:
    return any(text.strip() for text in (*parts.plain, *parts.html, *parts.enriched))


def _open(file: mime.File, parts: mime.Parts, opened: Opened, depth: int) -> None:
    kind, data = file.content_type, file.data
    if file.name.lower().endswith(".p7m") or kind in SMIME:
        inner = smime.signed_content(data) if depth < DEEPEST else b""
        if inner:
            found, more, _said = _mail(inner, depth)
            _merge(found, parts, opened, more)
            return
        opened.encrypted |= smime.is_encrypted(data)
    elif kind == PGP:
        opened.encrypted = True
    elif data.startswith(tnef.SIGNATURE):
        pack = tnef.read(data, depth)
        if pack and (pack.files or pack.text or pack.html):
            _unpack_outlook(pack, parts, opened)
            return
    elif (kind in FORWARDED or file.name.lower().endswith(".eml")) and depth < DEEPEST:
        parts.files.append(file)
        found, more, said = _mail(data, depth)
        opened.forwarded += [said, *more.forwarded]
        parts.files += found.files
        parts.too_big += found.too_big
        return
    parts.files.append(file)


def _mail(raw: bytes, depth: int) -> tuple[mime.Parts, Opened, str]:
    """Return what a mail inside the mail holds, and its words under its headings."""
    raw = mime.tidy(raw)
    message, flat = mime.read(raw)
    if flat:
        body = charsets.decode(raw[: mime.FLAT].partition(b"\n\n")[2])
        found, more = mime.Parts(plain=[body]), Opened()
    else:
        found = mime.collect(message)
        more = unpack(found, depth + 1)
    undecoded = mime.undecoded_headers(message)
    head = [
        f"{shown}: {charsets.header(undecoded[name][0])[:300]}"
        for shown, name in SAID
        if undecoded.get(name)
    ]
    return found, more, "\n".join([*head, "", text_of(found)])[:MOST_FORWARDED].strip()


def _merge(found: mime.Parts, parts: mime.Parts, opened: Opened, more: Opened) -> None:
    parts.plain += found.plain
    parts.html += found.html
    parts.enriched += found.enriched
    parts.files += found.files
    parts.trace += found.trace
    parts.too_big += found.too_big
    parts.problems += found.problems
    opened.forwarded += more.forwarded
    opened.encrypted |= more.encrypted


def _unpack_outlook(pack: tnef.Pack, parts: mime.Parts, opened: Opened) -> None:
    if not _has_text(parts):
        parts.plain += [pack.text] if pack.text.strip() else []
        parts.html += [pack.html] if pack.html.strip() else []
    for item in pack.files[: mime.MOST_PARTS]:
        if item.message:
            inside = mime.Parts()
            _unpack_outlook(item.message, inside, opened)
            words = [item.message.subject or item.name, "", text_of(inside)]
            opened.forwarded.append("\n".join(words)[:MOST_FORWARDED].strip())
            parts.files += inside.files
            continue
        name = mime.clean_name(item.name) or "document.bin"
        kind = item.content_type.lower() or "application/octet-stream"
        if len(item.data) > mime.LARGEST_FILE:
            parts.too_big.append(name)
            continue
        kind = mime.real_type(kind, name, item.data)
        parts.files.append(mime.File(name, kind, item.data, item.cid))


def text_of(parts: mime.Parts) -> str:
    """Return the words of a mail: its plain text, or else that of its HTML."""
    plain = "\n".join(text.strip("\n") for text in parts.plain).strip()
    if plain or not parts.html:
        return plain or html.enriched_to_text("\n".join(parts.enriched))
    return html.to_text(html.sanitise("\n".join(parts.html)))


def _decoded(text: str, parts: mime.Parts) -> str:
    """Return the text without files that were uuencoded in it, which become files."""
    text, found = uuencode.split(text)
    for name, data in found:
        name = mime.clean_name(name) or "document.bin"
        kind = mime.real_type("application/octet-stream", name, data)
        parts.files.append(mime.File(name, kind, data))
    return text


def _named_apart(files: list[mime.File]) -> list[mime.File]:
    """Return the files, so that no two have the same name."""
    used: dict[str, int] = {}
    found = []
    for file in files:
        name, count = file.name, used.get(file.name.lower(), 0) + 1
        used[file.name.lower()] = count
        if count > 1:
            stem, dot, ending = name.rpartition(".")
            name = f"{stem} ({count}).{ending}" if dot else f"{name} ({count})"
        found.append(mime.File(name, file.content_type, file.data, file.cid))
    return found
