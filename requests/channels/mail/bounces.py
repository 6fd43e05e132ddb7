"""Recognise mails that machines write: that ours did not arrive, or an automatic answer. Pure."""

import re
from dataclasses import dataclass

DAEMONS = {"mailer-daemon", "postmaster", "mail-daemon", "maildaemon", "mdaemon", "mailerdaemon"}
SUBJECT = re.compile(
    r"undeliver|delivery (?:status|failure|has failed|notification)|returned mail|failure notice|"
    r"mail delivery (?:failed|subsystem|system)|non remis|non[- ]?délivr|remise (?:impossible|"
    r"différée|retardée)|échec de (?:la )?(?:remise|livraison|distribution)|"
    r"message non (?:distribué|délivré|remis|livré)|"
    r"notification d'état (?:de la|de) (?:remise|distribution)|rejected|"
    r"erreur de (?:distribution|remise|livraison)|warning: could not send|delayed|retard",
    re.IGNORECASE,
)
HARD = re.compile(
    r"\b5\d\d[ -]|\b5\.[017]\.\d|user (?:unknown|not found)|unknown user|no such (?:user|mailbox)|"
    r"does(?: not|n't) exist|n'existe pas|n’existe pas|inconnue?|introuvable|"
    r"address (?:rejected|not found)|adresse (?:refusée|invalide|erronée)|account (?:disabled|"
    r"has been disabled)|invalid recipient|recipient rejected|compte (?:désactivé|clos|fermé)|"
    r"mailbox unavailable|host unknown|domaine inconnu|permanent",
    re.IGNORECASE,
)
SOFT = re.compile(
    r"\b4\d\d[ -]\d?\.?|\b[45]\.2\.2|over ?quota|quota|mailbox (?:is )?full|boîte (?:de réception |"
    r"aux lettres )?(?:est )?pleine|temporar|temporaire|try again|réessay|greylist|too many|"
    r"will be retried|delayed|retardé|nouvelle tentative",
    re.IGNORECASE,
)
OUT_OF_OFFICE = re.compile(
    r"^(?:(?:re|tr|fwd?) ?: ?)*(?:\[?réponse automatique|réponse d'absence|absence du bureau|"
    r"absent[e]? du bureau|message d'absence|notification d'absence|automatic reply|auto(?:matic)?"
    r"[- ]?(?:reply|response)|autoreply|out of (?:the )?office|ooo\b)",
    re.IGNORECASE,
)
NOT_FOR_ROBOTS = {"all", "oof", "autoreply"}


@dataclass(frozen=True)
class Bounce:
    """``kind``: ``hard``, ``soft`` (failed for now) or ``delayed`` (the server goes on trying).

    ``trace`` is where the original's Message-ID is looked for.
    """

    kind: str
    recipient: str = ""
    why: str = ""
    trace: str = ""


def automatic_reason(headers: dict[str, list[str]], subject: str, own_host: str) -> str:
    """Return why a machine wrote this mail (docs/principles.md, M5); "" when a person did."""

    def first(name: str) -> str:
        return (headers.get(name) or [""])[0].strip().lower()

    submitted = first("auto-submitted").partition(";")[0].strip()
    if submitted and submitted != "no":
        return "Auto-Submitted"
    if first("precedence") in ("bulk", "list", "junk", "auto_reply"):
        return "Precedence"
    tokens = set(re.split(r"[\s,;]+", first("x-auto-response-suppress")))
    if tokens & NOT_FOR_ROBOTS:
        return "X-Auto-Response-Suppress"
    for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-loop"):
        if name in headers and first(name) not in ("no", "false", "0"):
            return name.title()
    for name in ("list-id", "list-unsubscribe"):
        if name in headers:
            return name.title()
    if "return-path" in headers and first("return-path") in ("<>", ""):
        return "Return-Path"
    if own_host and first("message-id").rstrip("> ").endswith("@" + own_host.lower()):
        return "Message-ID"
    if OUT_OF_OFFICE.match(subject):
        return "Subject"
    return ""


def read_report(fields: str, trace: str) -> Bounce | None:
    """Read the fields of a ``message/delivery-status`` part (RFC 3464)."""

    def field(name: str) -> str:
        found = re.search(rf"(?im)^{name}:[ \t]*([^\n]{{1,500}})", fields)
        return found[1].strip() if found else ""

    action = field("Action").lower().split(" ")[0]
    status = (re.search(r"[245]\.\d{1,3}\.\d{1,3}", field("Status")) or [""])[0]
    recipient = field("Final-Recipient") or field("Original-Recipient")
    recipient = recipient.rpartition(";")[2].strip(" <>").lower()
    why = " ".join(filter(None, [status, field("Diagnostic-Code")]))[:500]
    if action in ("delivered", "relayed", "expanded") or status.startswith("2"):
        return None
    if action == "delayed":
        return Bounce("delayed", recipient, why, trace)
    full = status.endswith(".2.2")
    soft = status.startswith("4") or full or (not status and SOFT.search(why))
    return Bounce("soft" if soft else "hard", recipient, why, trace)


def read_free_form(
    sender: str, subject: str, text: str, headers: dict, trace: str
) -> Bounce | None:
    """Return the bounce of a mail without machine-readable part, in French or English."""
    name = sender.partition("@")[0].lower()
    null = (headers.get("return-path") or ["x"])[0].strip() == "<>"
    failed = (headers.get("x-failed-recipients") or [""])[0]
    if not (name in DAEMONS or failed or (null and SUBJECT.search(subject))):
        return None
    beginning = text[:8_000]
    if not (SUBJECT.search(subject) or HARD.search(beginning) or SOFT.search(beginning)):
        return None
    soft, hard = SOFT.search(beginning), HARD.search(beginning)
    kind = "soft" if soft and not (hard and hard.start() < soft.start()) else "hard"
    if not soft and not hard:
        kind = "soft"  # not enough known to give an address up
    found = re.search(r"<?([\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5})>?", failed or beginning)
    line = (hard if kind == "hard" else soft) or None
    why = beginning[max(0, line.start() - 40) : line.end() + 120] if line else ""
    return Bounce(kind, found[1].lower() if found else "", " ".join(why.split()), trace)
