"""Recognise mails that machines write: that ours did not arrive, or an automatic answer. Pure."""

import re
from dataclasses import dataclass

from requests.channels.mail import refusals
from requests.channels.mail.refusals import Meaning

DAEMONS = {
    *("mailer-daemon", "mailerdaemon", "mailer_daemon", "mail-daemon", "maildaemon", "mdaemon"),
    *("postmaster", "post_master", "post-master"),
}
DELAYED = "delayed"
SUBJECT = re.compile(
    r"undeliver|delivery (?:status|failure|has failed|notification)|returned mail|failure notice|"
    r"mail delivery (?:failed|subsystem|system)|non remis|non[- ]?délivr|remise (?:impossible|"
    r"différée|retardée)|échec de (?:la )?(?:remise|livraison|distribution)|"
    r"message non (?:distribué|délivré|remis|livré)|"
    r"notification d'état (?:de la|de) (?:remise|distribution)|rejected|"
    r"erreur de (?:distribution|remise|livraison)|warning: could not send|delayed|retard",
    re.IGNORECASE,
)
OUT_OF_OFFICE = re.compile(
    r"^(?:(?:re|tr|fwd?) ?: ?)*(?:\[?réponse automatique|\[répondeur|répondeur automatique|"
    r"absence ?:|(?:réponse|message|notification) d['’]absence|absente?s? du bureau|"
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


@dataclass(frozen=True)
class Bounce:
    """``kind``: a ``Meaning``, or ``DELAYED`` (the server goes on trying).

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


def read_report(fields: str, trace: str) -> Bounce | None:
    """Read the fields of a ``message/delivery-status`` part (RFC 3464).

    Of several recipients, the first that failed counts; ours have one.
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
    kind = refusals.meaning_of(answer.partition(";")[2] or answer, status)
    return Bounce(kind or Meaning.REFUSED, recipient, why, trace)


def _fields(group: str) -> dict[str, str]:
    rows = re.findall(r"(?m)^([\w-]{1,60}):[ \t]*([^\n]{0,4000})", group)
    return {name.lower(): value.strip() for name, value in reversed(rows)}


def read_free_form(
    sender: str, subject: str, text: str, headers: dict, trace: str
) -> Bounce | None:
    """Return the bounce of a mail without machine-readable part, in French or English."""
    name = sender.partition("@")[0].lower()
    nobody = (headers.get("from") or ["x"])[0].strip() in ("<>", "")
    null = (headers.get("return-path") or ["x"])[0].strip() == "<>"
    failed = (headers.get("x-failed-recipients") or [""])[0]
    if not (name in DAEMONS or nobody or failed or (null and SUBJECT.search(subject))):
        return None
    beginning = text[:8_000]
    found = _telling_line(beginning)
    if not (SUBJECT.search(subject) or found):
        return None
    address = re.search(
        r"<?([\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5})>?", failed or beginning
    )
    # Not enough known to give an address up: it may pass.
    kind, why = found or (Meaning.LATER, "")
    return Bounce(kind, address[1].lower() if address else "", why, trace)


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
