"""Check a calendar against RFC 5545, 5546 and 6047; written from them, by no library."""

import re
from email.message import Message

NAME = re.compile(r"[A-Za-z0-9-]+")
UTC = re.compile(r"\d{8}T\d{6}Z")
DURATION = re.compile(r"[+-]?P(?:\d+W|(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)")
ONCE = {
    "VCALENDAR": {"PRODID", "VERSION", "METHOD", "CALSCALE"},
    "VEVENT": {
        *("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "URL", "SEQUENCE"),
        *("STATUS", "ORGANIZER"),
    },
    "VALARM": {"ACTION", "TRIGGER", "DESCRIPTION"},
}
NEEDED = {
    "VCALENDAR": {"PRODID", "VERSION"},  # 3.6
    "VEVENT": {"UID", "DTSTAMP", "DTSTART"},  # 3.6.1
    "VALARM": {"ACTION", "TRIGGER", "DESCRIPTION"},  # 3.6.6, of a display alarm
}
PARENT = {"VCALENDAR": None, "VEVENT": "VCALENDAR", "VALARM": "VEVENT"}
TEXTS = {"SUMMARY", "LOCATION", "DESCRIPTION"}
STATUSES = {"TENTATIVE", "CONFIRMED", "CANCELLED"}  # 3.8.1.11


class Component:
    """One BEGIN … END with its properties (name, parameters, value) and what stands inside."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[tuple[str, str, str]] = []
        self.inside: list[Component] = []

    def value(self, name: str) -> str:
        return next((row[2] for row in self.rows if row[0] == name), "")


def read(raw: bytes) -> Component:
    """Return the one calendar of ``raw``. Raises AssertionError, with the section broken."""
    assert raw.endswith(b"\r\n"), "3.1: lines end with CRLF"
    physical = raw[:-2].split(b"\r\n")
    assert all(b"\r" not in line and b"\n" not in line for line in physical), "3.1: bare line end"
    assert all(len(line) <= 75 for line in physical), "3.1: a line of more than 75 octets"
    lines: list[bytes] = []
    for line in physical:
        if line[:1] in (b" ", b"\t"):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    stack: list[Component] = []
    done: list[Component] = []
    for line in lines:
        text = line.decode("utf-8")  # 3.1.4
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text), "3.1: a control"
        head, colon, value = _split(text)
        assert colon, f"3.1: no value: {text}"
        name, _semicolon, parameters = head.partition(";")
        assert NAME.fullmatch(name), f"3.1: {name}"
        name = name.upper()
        if name == "BEGIN":
            assert value in PARENT, value
            assert (stack[-1].name if stack else None) == PARENT[value], (
                f"3.6: {value} stands wrong"
            )
            stack.append(Component(value))
        elif name == "END":
            ended = stack.pop()
            assert ended.name == value, f"3.6: END:{value}"
            (stack[-1].inside if stack else done).append(ended)
        else:
            stack[-1].rows.append((name, parameters, value))
    assert not stack, "3.6: without END"
    assert len(done) == 1
    _check(done[0])
    return done[0]


def _split(text: str) -> tuple[str, str, str]:
    """Part a line at its first colon outside quotes."""
    quoted = False
    for at, char in enumerate(text):
        quoted ^= char == '"'
        if char == ":" and not quoted:
            return text[:at], ":", text[at + 1 :]
    return text, "", ""


def _check(part: Component) -> None:
    names = [row[0] for row in part.rows]
    assert NEEDED[part.name] <= set(names), f"{part.name} lacks {NEEDED[part.name] - set(names)}"
    for name in ONCE[part.name]:
        assert names.count(name) <= 1, f"{part.name} has {name} twice"
    for name, parameters, value in part.rows:
        if name in ("DTSTAMP", "DTSTART", "DTEND"):
            assert UTC.fullmatch(value), f"3.3.5: {name}:{value}"
            assert "TZID" not in parameters.upper(), "3.3.5: UTC takes no TZID"
        elif name in TEXTS:
            bare = re.sub(r"\\[\\;,Nn]", "", value)
            assert not re.search(r"[\\;,]", bare), f"3.3.11: {name}:{value}"
        elif name in ("ORGANIZER", "ATTENDEE"):
            assert re.fullmatch(r"(?i:mailto):[^@\s]+@[^@\s]+", value), f"3.3.3: {value}"
        elif name == "TRIGGER":
            assert DURATION.fullmatch(value), f"3.3.6: {value}"
            assert value.startswith("-P"), "it rings before"
        elif name == "SEQUENCE":
            assert value.isdecimal(), "3.8.7.4"
        elif name == "STATUS":
            assert value in STATUSES, "3.8.1.11"
        elif name == "ACTION":
            assert value == "DISPLAY", "3.8.6.1"
        elif name == "URL":
            assert re.match(r"https?://\S+\Z", value), "3.3.13"
    if part.name == "VCALENDAR":
        assert part.value("VERSION") == "2.0", "3.7.4"
        assert part.inside, "3.6: at least one component"
        _check_method(part)
    if part.name == "VEVENT" and part.value("DTEND"):
        assert part.value("DTEND") > part.value("DTSTART"), "3.8.2.2"
    for inner in part.inside:
        _check(inner)


def _check_method(calendar: Component) -> None:
    """RFC 5546, 3.2.2 (REQUEST) and 3.2.5 (CANCEL)."""
    method = calendar.value("METHOD")
    if not method:
        return
    assert method in ("REQUEST", "CANCEL")
    for event in calendar.inside:
        assert event.value("ORGANIZER"), f"{method} needs ORGANIZER"
        assert event.value("SEQUENCE"), f"{method} needs SEQUENCE"
        if method == "REQUEST":
            assert event.value("ATTENDEE"), "REQUEST needs ATTENDEE"
            assert event.value("SUMMARY"), "REQUEST needs SUMMARY"
            assert event.value("STATUS") != "CANCELLED"
        else:
            assert event.value("STATUS") == "CANCELLED"
            assert not event.inside, "3.2.5: VALARM must not be there"


def check_part(part: Message) -> Component:
    """Check a part of a mail (RFC 6047, 2.4): method and charset stand in its Content-Type."""
    assert part.get_content_type() == "text/calendar"
    calendar = read(part.get_payload(decode=True))
    assert part.get_param("method") == calendar.value("METHOD"), "2.4: the method of both is one"
    assert str(part.get_param("charset")).lower() == "utf-8", "2.4"
    return calendar
