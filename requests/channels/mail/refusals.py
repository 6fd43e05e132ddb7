"""What a mail server means by refusing a message: whose fault it is, and what helps. Pure.

Only ``DEAD`` speaks against an address. The codes decide where they are exact, then the words, then
the class of the code: mail servers answer 550 5.7.1 to nearly anything. Sources: RFC 3463 and its
registry of enhanced status codes at IANA (RFC 5248, 7293, 7372, 7505), RFC 5321 (4.2.2).
"""

import re
from enum import StrEnum


class Meaning(StrEnum):
    """DEAD: no such address. FULL: no room. REFUSED: this message, for what it is.

    REPUTATION: whatever we send, for who we are. LATER: a trouble that passes.
    """

    DEAD = "dead"
    FULL = "full"
    REFUSED = "refused"
    REPUTATION = "reputation"
    LATER = "later"


D, F, M, R, L = Meaning.DEAD, Meaning.FULL, Meaning.REFUSED, Meaning.REPUTATION, Meaning.LATER
# Subject and detail of an enhanced code (the class says whether it passes): what it means for sure.
EXACT = {
    **dict.fromkeys(("1.1", "1.2", "1.3", "1.6", "1.10", "7.17", "7.18"), D),
    "2.2": F,
    **dict.fromkeys(("2.3", "3.4", "6.0", "6.1", "6.2", "6.3", "6.4", "6.5", "6.6", "6.7"), M),
    **dict.fromkeys(("1.7", "1.8"), R),
    **dict.fromkeys((f"7.{detail}" for detail in range(20, 30)), R),
    **dict.fromkeys(("3.1", "3.2", "3.5", "4.3", "4.5", "4.6", "4.7"), L),
}
# What a code most often means when neither it nor the words are exact.
LIKELY = {"1": D, "3": L, "4": L, "7": R}
# SMTP replies of one digit triple (RFC 5321, RFC 7504), without an enhanced code.
SMTP = {
    **dict.fromkeys(("510", "511", "512", "521", "551", "553", "556"), D),
    **dict.fromkeys(("452", "552"), F),
}
# In this order: a server that names its blocklist also says "recipient rejected".
WORDS: tuple[tuple[Meaning, tuple[str, ...]], ...] = (
    (
        F,
        (
            r"quota",
            r"(?:mailbox|inbox|account) (?:is |was )?(?:over|full)",
            r"mailbox.{0,30} full",
            r"insufficient (?:system )?storage|out of storage|storage (?:limit|exceeded)",
            r"bo[iî]te (?:de réception |aux lettres )?(?:est )?pleine",
            r"espace (?:disque )?insuffisant",
        ),
    ),
    (
        R,
        (
            r"\b(?:SPF|DKIM|DMARC|PTR|RBL|DNSBL|rDNS)\b|reverse (?:dns|lookup|hostname)",
            r"(?:black|block)[ -]?list|liste noire|listed (?:at|in|on|by)|reputation",
            r"spamhaus|spamcop|barracuda|sorbs|abusix|spamdetected",
            r"(?:client|sending|your) (?:host|ip|server|mail ?server)\b.{0,60}"
            r"(?:block|reject|refus|denied|bann)",
            r"\bIP(?: address)?\b.{0,60}(?:block|bloqu|reject|refus|denied|bann|listed)",
            r"sender (?:address )?(?:domain )?(?:rejected|denied|not allowed|verif)",
            r"unauthenticated (?:e-?mail|mail)|not authori[sz]ed to send",
            r"rate of unsolicited|user complaints|too many spam",
            r"\b(?:OFR|LPN\d*|OU)[_-]\d{3}",  # Orange, La Poste, Outlook
        ),
    ),
    (
        M,
        (
            r"spam|junk|unsolicited|phish|virus|malware|suspicious",
            r"content|contenu|attachment|pièce jointe|policy|politique",
            r"(?:message|size).{0,30}(?:too (?:large|big)|exceeds)|size limit|trop volumineux",
        ),
    ),
    (
        D,
        (
            r"(?:user|recipient|mailbox|address|account|domain|host|destinataire|utilisateur|"
            r"adresse|domaine|compte)\b.{0,60}\b(?:unknown|not found|does(?: not|n['’]t) exist|"
            r"no longer (?:valid|active|available|exists)|disabled|inactive|deactivated|suspended|"
            r"closed|unavailable|invalide?|inconnue?|introuvable|désactivée?|clos|fermée?|erronée)",
            r"(?:unknown|invalid|no such|not a valid|non-?existent) "
            r"(?:user|recipient|mailbox|address|account|domain|host|local part)",
            r"no mailbox (?:here )?by that name|no longer works? here|unrouteable",
            r"n['’]existe (?:pas|plus)",
            r"relay(?:ing)? (?:access )?denied|unable to relay",
            r"(?:address|adresse|recipient)(?: address)? (?:rejected|refusée)",
        ),
    ),
    (
        L,
        (
            r"temporar|greylist|try (?:again|later)|retry|retried|too many|rate.?limit|defer",
            r"timed? ?out|timeout|expired|unreachable|connection refused|could not connect",
            r"lost connection|réessay|nouvelle tentative|retardé|delayed",
        ),
    ),
)
PATTERNS = {meaning: re.compile("|".join(patterns), re.IGNORECASE) for meaning, patterns in WORDS}
ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3}\.\d{1,3})(?![\d.])")
REPLY = re.compile(r"(?<![\d.])([245]\d\d)(?=[ \-:]|$)")
# Addresses and links may hold any word: they are no words of the server.
NO_WORDS = re.compile(r"<[^<>\s]*>|\S+@\S+|https?://\S+")


def meaning_of(answer: str, status: str = "") -> Meaning | None:
    """Return what a refusal means; None when it says nothing.

    ``answer`` is a server's reply or the ``Diagnostic-Code`` of a report, of one or several lines;
    ``status`` the ``Status`` of the report, which some servers fill with anything.
    """
    answer = " ".join(answer.split())[:4_000]
    codes = ENHANCED.findall(answer) + ENHANCED.findall(status)
    replies = REPLY.findall(answer)
    passes = bool(codes or replies) and not any(
        code[0] == "5" for code in (*(klass for klass, _detail in codes), *replies)
    )
    found = _exact(codes) or _heard(NO_WORDS.sub(" ", answer)) or _likely(codes, replies)
    if passes and found not in (F, R):
        return L
    return found


def has_code(line: str) -> bool:
    """Return whether a line of prose carries a code of a mail server."""
    return bool(ENHANCED.search(line) or re.search(r"(?<!\S)[45]\d\d[ -]", line))


def _exact(codes: list[tuple[str, str]]) -> Meaning | None:
    return next((EXACT[detail] for _class, detail in codes if detail in EXACT), None)


def _heard(words: str) -> Meaning | None:
    return next((meaning for meaning, heard in PATTERNS.items() if heard.search(words)), None)


def _likely(codes: list[tuple[str, str]], replies: list[str]) -> Meaning | None:
    for _class, detail in codes:
        if meaning := LIKELY.get(detail.partition(".")[0]):
            return meaning
    if meaning := next((SMTP[reply] for reply in replies if reply in SMTP), None):
        return meaning
    return M if codes or replies else None
