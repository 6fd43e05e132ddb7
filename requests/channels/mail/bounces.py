"""Recognise mails that machines write: that ours did not arrive, or an automatic answer. Pure."""

import json
import re
from dataclasses import dataclass

from requests.channels.mail import bounce_marks, refusals
from requests.channels.mail.refusals import Meaning

DAEMONS = {
    *("mailer-daemon", "mailerdaemon", "mailer_daemon", "mail-daemon", "maildaemon", "mdaemon"),
    *("postmaster", "post_master", "post-master"),
}
DELAYED = "delayed"
COMPLAINT = "complaint"
OUT_OF_OFFICE = re.compile(
    r"^(?:(?:re|tr|fwd?) ?: ?)*(?:\[?réponse automatique|\[répondeur|répondeur automatique|"
    r"absence ?:|(?:réponse|message|notification) d['’]absence|absent(?:e|\(e\))?s? du bureau|"
    r"absence du bureau|accusé de réception *(?:$|:|-|–|automatique|de votre)|automatic reply|"
    r"auto(?:matic)?[- ]?(?:reply|response)|autoreply|out of (?:the )?office|ooo\b)",
    re.IGNORECASE,
)
NOT_FOR_ROBOTS = {"all", "oof", "autoreply"}
# Marks of mail that is not answered, and that a person may have written all the same.
PASSED_ON = frozenset(
    {
        "Precedence",
        "X-Auto-Response-Suppress",
        "X-Loop",
        "List-Id",
        "List-Unsubscribe",
        "Return-Path",
    }
)


# Those of mailing lists and of mass mail.
LISTED = frozenset({"Precedence", "List-Id", "List-Unsubscribe"})


@dataclass(frozen=True)
class Bounce:
    """``kind``: a ``Meaning``, ``DELAYED`` (the server goes on trying) or ``COMPLAINT``: spam, says
    the person.

    ``trace`` is where the original's Message-ID is looked for.
    """

    kind: str
    recipient: str = ""
    why: str = ""
    trace: str = ""


def automatic_reason(
    headers: dict[str, list[str]], subject: str, own_host: str, own_domain: str = ""
) -> str:
    """Return why no machine may answer this mail (docs/principles.md, M5); "" for a person's.

    One of ``PASSED_ON`` says only how it travelled: a person may have written it. A list of
    ``own_domain`` is another address of ours, and its marks say nothing of the sender.
    """

    def first(name: str) -> str:
        return (headers.get(name) or [""])[0].strip().lower()

    submitted = first("auto-submitted").partition(";")[0].strip()
    if submitted and submitted != "no":
        return "Auto-Submitted"
    for name in ("x-autoreply", "x-autorespond", "x-autoresponder"):
        if name in headers and first(name) not in ("no", "false", "0"):
            return name.title()
    if own_host and first("message-id").rstrip("> ").endswith("@" + own_host.lower()):
        return "Message-ID"
    if OUT_OF_OFFICE.match(subject):
        return "Subject"
    if first("precedence") == "auto_reply":
        return "Precedence: auto_reply"
    return "" if _own_list(first("list-id"), own_domain) else _passed_on(headers)


def _own_list(list_id: str, own_domain: str) -> bool:
    name = list_id.rpartition("<")[2].partition(">")[0].strip()
    return bool(own_domain) and f".{name}".endswith(f".{own_domain.lower()}")


def _passed_on(headers: dict[str, list[str]]) -> str:
    def first(name: str) -> str:
        return (headers.get(name) or [""])[0].strip().lower()

    if first("precedence") in ("bulk", "list", "junk"):
        return "Precedence"
    tokens = set(re.split(r"[\s,;]+", first("x-auto-response-suppress")))
    if tokens & NOT_FOR_ROBOTS:
        return "X-Auto-Response-Suppress"
    if "x-loop" in headers and first("x-loop") not in ("no", "false", "0"):
        return "X-Loop"
    for name in ("list-id", "list-unsubscribe"):
        if name in headers:
            return name.title()
    if "return-path" in headers and first("return-path") in ("<>", ""):
        return "Return-Path"
    return ""


def read_report(fields: str, trace: str, text: str = "") -> Bounce | None:
    """Read the fields of a ``message/delivery-status`` part (RFC 3464).

    Of several recipients, the first that failed counts; ours have one. ``text``, what the notice
    tells people, decides where the fields say nothing of the cause.
    """
    fields = re.sub(r"\r?\n[ \t]+", " ", fields)
    groups = [_fields(group) for group in re.split(r"\n\s*\n", fields)]
    told = [group for group in groups if group.get("action") or group.get("status")] or groups[:1]
    told.sort(key=lambda group: not group.get("action", "").startswith("fail"))
    group = told[0]
    action = group.get("action", "").lower().partition(" ")[0]
    status = (re.search(r"[245]\.\d{1,3}\.\d{1,3}", group.get("status", "")) or [""])[0]
    if action in ("delivered", "relayed", "expanded") or status.startswith("2"):
        return None
    recipient = group.get("final-recipient") or group.get("original-recipient") or ""
    recipient = recipient.rpartition(";")[2].strip(" <>").lower()
    answer = group.get("diagnostic-code", "")
    why = " ".join(filter(None, [status, answer]))[:500]
    if action == "delayed":
        return Bounce(DELAYED, recipient, why, trace)
    answer = answer.partition(";")[2] or answer
    kind = refusals.meaning_of(answer, status)
    if not refusals.explains(answer) and (found := _telling_line(text[:8_000])):
        # Only the class of a code is known: « smtp; 550 failed ». The prose often says more.
        kind, why = found[0], f"{why} {found[1]}".strip()[:500]
    return Bounce(kind or Meaning.REFUSED, recipient, why, trace)


def _fields(group: str) -> dict[str, str]:
    rows = re.findall(r"(?m)^[ \t]*([\w-]{1,60})[ \t]*:[ \t]*([^\n]{0,4000})", group)
    return {name.lower(): value.strip() for name, value in reversed(rows)}


def read_complaint(fields: str, trace: str) -> Bounce | None:
    """Read a ``message/feedback-report`` (RFC 5965): somebody called our mail spam.

    None where it says the contrary, or speaks of something else.
    """
    told = _fields(re.sub(r"\r?\n[ \t]+", " ", fields))
    if told.get("feedback-type", "abuse").lower() not in ("abuse", "fraud", "opt-out", "other"):
        return None
    recipient = told.get("original-rcpt-to", "").strip(" <>").lower()
    return Bounce(COMPLAINT, recipient, told.get("user-agent", "")[:200], trace)


def read_notification(text: str, trace: str) -> Bounce | None:
    """Read the JSON of Amazon SES, as its notification service mails it; None for anything else.

    docs.aws.amazon.com/ses/latest/dg/notification-contents.html
    """
    start = text.find("{")
    if start < 0 or "notificationType" not in text and "eventType" not in text:
        return None
    try:
        told = json.JSONDecoder().raw_decode(" ".join(text[start : start + 100_000].split()))[0]
    except (ValueError, RecursionError):
        return None
    if isinstance(told.get("Message"), str):
        return read_notification(told["Message"], trace)
    kind = str(told.get("notificationType") or told.get("eventType") or "").lower()
    inside = told.get(kind)
    if kind not in ("bounce", "complaint") or not isinstance(inside, dict):
        return None
    people = inside.get("bouncedRecipients") or inside.get("complainedRecipients")
    first = people[0] if isinstance(people, list) and people else {}
    first = first if isinstance(first, dict) else {}
    recipient = str(first.get("emailAddress") or "").strip(" <>").lower()
    if kind == "complaint":
        return Bounce(COMPLAINT, recipient, "SES", trace)
    answer, status = str(first.get("diagnosticCode") or ""), str(first.get("status") or "")
    sub = str(inside.get("bounceSubType") or "")
    sure = {"NoEmail": Meaning.DEAD, "MailboxFull": Meaning.FULL}
    meaning = sure.get(sub) or refusals.meaning_of(answer.partition(";")[2] or answer, status)
    if meaning is None:
        meaning = Meaning.REFUSED if inside.get("bounceType") == "Permanent" else Meaning.LATER
    return Bounce(meaning, recipient, f"{status} {answer} {sub}".strip()[:500], trace)


def read_free_form(
    sender: str,
    subject: str,
    text: str,
    headers: dict,
    trace: str,
    *,
    name: str = "",
    reported: bool = False,
) -> Bounce | None:
    """Return the bounce of a mail without machine-readable part, in any large provider's words.

    A robot must have written it: a daemon, nobody, or who sends without expecting an answer; what a
    person writes of mail that failed is a person's. ``name`` is the sender's; ``reported``: its
    headers announce a report.
    """
    if told := read_notification(text, trace):
        return told
    beginning = text[:8_000]
    passed_on = bounce_marks.ANSWERED.match(subject)
    if not passed_on and re.search(r"(?mi)^Final-Recipient:.+$", beginning):
        fields = beginning[beginning.lower().find("final-recipient") :]
        return read_report(fields, trace, beginning)
    failed = (headers.get("x-failed-recipients") or [""])[0]
    listed = "x-mlserver" in headers and bounce_marks.REJECTED.search(beginning) is not None
    writer = _Writer(sender, name, headers)
    sure = listed or failed or writer.is_nobody()
    by_daemon = writer.is_daemon() or reported
    if not sure and (passed_on or not (by_daemon or writer.is_robot())):
        return None  # a person's, as nearly all are: nothing more is looked for
    titled = bounce_marks.SUBJECT.search(subject) is not None
    noticed = bounce_marks.NOTICE.search(beginning[:3_000]) is not None
    if not sure and not ((titled or noticed) if by_daemon else (titled and noticed)):
        return None
    found = _telling_line(beginning)
    if not (titled or noticed or found or listed or failed):
        return None
    address = re.search(
        r"<?([\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5})>?", failed or beginning
    )
    # Not enough known to give an address up: it may pass.
    kind, why = found or (Meaning.REFUSED if listed else Meaning.LATER, "")
    if kind == Meaning.LATER and bounce_marks.WARNING.search(f"{subject}\n{beginning}"):
        return Bounce(DELAYED, address[1].lower() if address else "", why, trace)
    return Bounce(kind, address[1].lower() if address else "", why, trace)


@dataclass(frozen=True)
class _Writer:
    """Who wrote a mail, as far as it says whether a machine did."""

    sender: str
    name: str
    headers: dict

    def _first(self, name: str, absent: str) -> str:
        return (self.headers.get(name) or [absent])[0].strip().lower()

    def is_nobody(self) -> bool:
        """Return whether it calls itself a daemon, or names no author at all."""
        local = self.sender.partition("@")[0].lower()
        return local in DAEMONS or self._first("from", "x").strip('" ') in ("<>", "")

    def is_daemon(self) -> bool:
        """Return whether its address, name or path may be a mail server's."""
        local = self.sender.partition("@")[0]
        return bool(
            bounce_marks.DAEMON.match(local)
            or bounce_marks.DAEMON_NAME.search(self.name)
            or self._first("return-path", "x") in ("<>", "")
        )

    def is_robot(self) -> bool:
        """Return whether it expects no answer."""
        local = self.sender.partition("@")[0]
        automatic = self._first("auto-submitted", "no") not in ("no", "")
        return automatic or not self.sender or bool(bounce_marks.NO_REPLY.match(local))


def _telling_line(text: str) -> tuple[Meaning, str] | None:
    """Return what the first lines that mean anything mean, and their words.

    One with a code counts before those without: around it stand words of courtesy.
    """
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()][:200]
    coded = [n for n, line in enumerate(lines) if refusals.has_code(line)]
    for number in (*coded, *range(len(lines))):
        answer = " ".join(lines[number : number + 2]) if number in coded else lines[number]
        if meaning := refusals.meaning_of(answer):
            return meaning, answer[:200]
    return None
