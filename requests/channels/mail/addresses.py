"""Read the people of a mail from its undecoded headers (RFC 5322, 3.4). Pure.

Structure comes from the bytes as they were sent, and names are decoded afterwards: whatever a
display name decodes to, it is never an address, and our reading is that of the mail server which
checked the sender. The standard library's readers do not serve: ``getaddresses`` takes the display
name of ``a@b <c@d>`` for the address, and the header registry recurses into nested comments.
An address is taken as written or not at all; none is put together from pieces. Where the header
breaks the grammar it is believed only if it can mean nobody else, and is never proven.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from requests.channels.mail import charsets

MOST_FROM = 4_000
MOST_LIST = 20_000
MOST_PEOPLE = 200
# Local part and domain, without quotes or spaces. Some providers hand out dots in odd places
# ("a..b@", "a.@"); beyond ASCII, RFC 6531.
ADDRESS = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[^\W_](?:[\w-]{0,61}[^\W_])?(?:\.[^\W_](?:[\w-]{0,61}[^\W_])?)*\.?"
)
# Invisible or reversing characters could make two addresses look alike.
HIDDEN = re.compile("[\x00-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
ENCODED_WORD = re.compile(r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=")


@dataclass(frozen=True)
class Person:
    """One sender or recipient; the address is in lower case, "" when it cannot be read.

    ``sure`` False: the header breaks the grammar. Another reader may see another address, so that
    nobody's verdict about it proves anything.
    """

    name: str
    address: str
    sure: bool = True


class Unreadable(ValueError):
    """The header has no structure that two readers would understand alike."""


def _pieces(value: str) -> Iterator[tuple[str, str]]:
    """Yield ``(kind, text)``: ``quoted``, ``comment``, ``angle``, ``comma`` or ``text``.

    Raises Unreadable for a quote, comment or bracket that never ends.
    """
    at, end, text = 0, len(value), []
    while at < end:
        char = value[at]
        if char not in '"(<,':
            text.append(char)
            at += 1
            continue
        if text:
            yield "text", "".join(text)
            text = []
        if char == ",":
            yield "comma", char
            at += 1
            continue
        kind = {'"': "quoted", "(": "comment", "<": "angle"}[char]
        inside, at = _enclosed(value, at, kind)
        yield kind, inside
    if text:
        yield "text", "".join(text)


def _enclosed(value: str, at: int, kind: str) -> tuple[str, int]:
    """Return what stands between the mark at ``at`` and its end, and the place behind it."""
    close = {"quoted": '"', "comment": ")", "angle": ">"}[kind]
    inside: list[str] = []
    depth, at = 1, at + 1
    while at < len(value):
        char = value[at]
        if char == "\\" and kind != "angle" and at + 1 < len(value):
            inside.append(value[at + 1])
            at += 2
            continue
        if kind == "comment" and char == "(":
            depth += 1
        if char == close:
            depth -= 1
            if not depth:
                return "".join(inside), at + 1
        inside.append(char)
        at += 1
    raise Unreadable(f"{kind} without an end")


def _address(text: str) -> str:
    """Return the address that ``text`` is, in lower case. Raises Unreadable."""
    text = text.strip(" \t")
    if not ADDRESS.fullmatch(text) or HIDDEN.search(text) or ENCODED_WORD.search(text):
        raise Unreadable("not an address")
    address = text.rstrip(".").lower()
    if len(address) > 254:
        raise Unreadable("too long for an address")
    return address


def _bracketed(text: str) -> tuple[str, bool]:
    """Return the address between ``<`` and ``>``, and whether it is written as of today.

    The old grammar (RFC 5322, 4.4) let a route stand before it, and quotes round its name.
    """
    route = re.fullmatch(r"\s*@[^\s:<>]{1,300}:(.*)", text, re.DOTALL)
    bare = re.sub(r'^\s*"([\w.+-]{1,64})"(?=@)', r"\1", route[1] if route else text)
    bare = re.sub(r"^\s*mailto:", "", bare, flags=re.IGNORECASE)
    return _address(bare), bare == text


def _unfold(value: str) -> str:
    return re.sub(r"[\r\n\t ]+", " ", value)


def _name(value: str) -> str:
    """Return a display name for people: encoded words decoded, on one line."""
    return HIDDEN.sub("", " ".join(charsets.header(value).split())).strip()[:160]


def _groups(value: str) -> Iterator[list[tuple[str, str]]]:
    """Yield the pieces of each mailbox. A comma ends one only where an address stands before it.

    « Lefèvre, André <a@b> », unquoted, is one person.
    """
    group: list[tuple[str, str]] = []
    for kind, text in _pieces(value):
        if kind == "comma" and _ends(group):
            yield group
            group = []
        else:
            group.append((kind, text))
    if any(text.strip() for _kind, text in group):
        yield group


def _ends(group: list[tuple[str, str]]) -> bool:
    if any(kind == "angle" for kind, _text in group):
        return True
    bare = "".join(text for kind, text in group if kind != "comment").strip()
    return not bare or ADDRESS.fullmatch(bare) is not None


def _person(group: list[tuple[str, str]]) -> Person:
    """Return who one mailbox names. Raises Unreadable."""
    angles = [text for kind, text in group if kind == "angle"]
    if len(angles) > 1:
        raise Unreadable("two addresses for one person")
    if angles:
        before = next(n for n, (kind, _text) in enumerate(group) if kind == "angle")
        if any(kind != "comment" and text.strip() for kind, text in group[before + 1 :]):
            raise Unreadable("words behind the address")
        name = " ".join(
            text.strip() if kind != "comma" else "," for kind, text in group[:before] if text
        ).replace(" ,", ",")
        address, sure = _bracketed(angles[0])
        return Person(_name(name), address, sure)
    if any(kind == "quoted" for kind, _text in group):
        raise Unreadable("a quoted name and no address in brackets")
    comments = [text for kind, text in group if kind == "comment"]
    return Person(
        _name(" ".join(comments)),
        _address("".join(text for kind, text in group if kind != "comment")),
    )


def authors(values: list[str]) -> list[Person]:
    """Return the people of the ``From`` headers; one whose address is "" cannot be read.

    ``values`` are undecoded. Several headers that differ (RFC 5322 allows one) cannot be read.
    """
    given = list(dict.fromkeys(_unfold(value).strip() for value in values))
    if not any(given):
        return []
    shown = _name(given[0][:MOST_FROM])
    if len(given) > 1 or len(given[0]) > MOST_FROM:
        return [Person(shown, "")]
    try:
        return [_person(group) for group in _groups(given[0])][:MOST_PEOPLE]
    except Unreadable:
        return [_only_one(given[0], shown)]


def _only_one(value: str, shown: str) -> Person:
    """Return who a header against the grammar names when only one address can be meant.

    « Marie Dupont marie@free.example »: one sign @ however it is decoded, in one word of its own.
    Quotes and comments could hide where the address begins, so that their mails stay unreadable.
    """
    if set(value) & set('"()') or value.count("@") != 1 or charsets.header(value).count("@") != 1:
        return Person(shown, "")
    word = re.search(r"[^\s<>,;:]*@[^\s<>,;:]*", value)
    before, _, inside = value[: word.start() if word else 0].rpartition("<")
    if word is None or (value.count("<") and (inside or not value[: word.start()].endswith("<"))):
        return Person(shown, "")
    try:
        address = _address(word[0])
    except Unreadable:
        return Person(shown, "")
    name = f"{before or value[: word.start()]} {value[word.end() :]}"
    return Person(_name(re.sub(r"[<>;:]", " ", name)), address, sure=False)


def addresses(values: list[str]) -> list[str]:
    """Return the addresses of recipient headers, as far as they can be read.

    ``values`` are undecoded. The words of a group (``Voisins: a@b, c@d;``) are left out.
    """
    found: list[str] = []
    for value in values[:50]:
        text = re.sub(r"(^|;)[^:;@<\"(]{0,200}:", r"\1", _unfold(value[:MOST_LIST]))
        try:
            for group in _groups(text.replace(";", ",")):
                try:
                    found.append(_person(group).address)
                except Unreadable:
                    continue
                if len(found) >= MOST_PEOPLE:
                    return found
        except Unreadable:
            continue
    return found
