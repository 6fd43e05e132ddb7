"""What a mail server means by refusing a message: whose fault it is, and what helps. Pure.

Only ``DEAD`` speaks against an address, and only where the server says so of the address itself: a
doubt costs one message, an address wrongly given up costs all that follow. The codes decide where
they are exact, then the words, then the class of the code: mail servers answer 550 5.7.1 to nearly
anything. Sources: RFC 3463 and its registry of enhanced status codes at IANA (RFC 5248, 7293, 7372,
7505), RFC 5321 (4.2.2).
"""

# ruff: noqa: E501 - alternatives of one meaning stay on their line
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


# Why a message came back that says nothing against the address, and is worth noting.
NOT_THE_ADDRESS = frozenset({Meaning.REPUTATION, Meaning.FULL})
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
    **dict.fromkeys(("510", "511", "512", "521", "551", "556"), D),
    **dict.fromkeys(("452", "552"), F),
}
# In this order: a server that names its blocklist also says "recipient rejected".
WORDS: tuple[tuple[Meaning, tuple[str, ...]], ...] = (
    (
        F,
        (
            r"quota|dépassement de capacité",
            r"(?:mailbox|inbox|account|mail ?box|maildrop|folder|user)(?:['’]s)? (?:is |was |has )?"
            r"(?:over|full|exceed|too (?:large|full))",
            r"mailbox.{0,30} full|full mailbox|mailfolder.{0,20}full|inbox.{0,20} full",
            r"insufficient (?:system |disk )?(?:storage|space)|(?:out of|no) (?:storage|disk space)",
            r"storage (?:limit|exceeded|space)|not enough (?:storage|space)|disk full|no space left",
            r"exceeded (?:its |their |the )?(?:mail ?box |storage |disk )(?:size|limit|allocation)",
            r"bo[iîi]te.{0,40} (?:pleine|saturée)|espace (?:disque )?insuffisant|postfach.{0,20} voll",
            r"bu[zs]ón.{0,20} lleno|casella.{0,20} piena|ящик переполнен|メールボックス.{0,20}(?:容量|一杯)",
        ),
    ),
    (
        R,
        (
            r"\b(?:SPF|DKIM|DMARC|PTR|RBL|DNSBL|rDNS|FCrDNS|HELO|EHLO)\b",
            r"reverse[ -]?(?:dns|lookup|hostname|mapping|name)|hostname lookup|find your (?:reverse )?host",
            r"(?:black|block|deny|reject)[ -]?list|liste noire|(?<!not )listed (?:at|in|on|by)|reputation",
            r"spamhaus|spamcop|barracuda|sorbs|abusix|spamdetected|senderbase|cloudmark|invaluement",
            r"(?:client|sending|your) (?:host|ip|server|mail ?server|domain|network)\b.{0,60}"
            r"(?:block|reject|refus|denied|bann|not allowed)",
            r"\bIP(?: address)?\b.{0,60}(?:block|bloqu|reject|refus|denied|bann|listed)",
            r"(?:block|reject|refus|denied|bann)\w*.{0,40}\bIP(?: address)?\b|bad (?:IP|reputation)",
            r"sender (?:address )?(?:domain )?(?:rejected|denied|not allowed|verif|unknown|invalid|"
            r"does(?: not|n['’]?t)|is (?:not|un))|(?:reject|invalid|unknown|blocked|bad)\w* sender",
            r"sender['’]s? (?:domain|address|ip|host)|(?:from|return) (?:address|domain).{0,40}"
            r"(?:reject|invalid|denied|not)|domain of sender|verify (?:your )?(?:address|sender)",
            r"unauthenticated (?:e-?mail|mail)|not authori[sz]ed to (?:send|relay from)",
            r"(?:authentication|authentification) (?:required|failed|failure|checks?)|not authenticated",
            r"rate of unsolicited|user complaints|too many spam|dynamic (?:ip|address|host)|dialup",
            r"no access from (?:mail )?server|access from ip|connection (?:rejected|refused by policy)",
            r"suppression list|previously bounced|(?:sender|you) (?:has|have) been (?:block|bann)",
            r"\b(?:OFR|LPN\d*|OU|MPI|SC|DY|TS|PH)[_-]\d{2,3}",  # Orange, La Poste, Outlook, Yahoo
        ),
    ),
    (
        M,
        (
            r"spam|junk|unsolicited|phish|virus|malware|suspicious|trojan|worm\b|infected",
            r"content|contenu|attachment|pièce jointe|policy|politique|forbidden|prohibited|filter",
            r"(?:message|mail|size|header).{0,40}(?:too (?:large|big|long)|exceeds?|exceeded)",
            r"size limit|limit(?:e)? de taille|trop volumineux|message size|maximum.{0,20}size",
            r"restricted|accepting mail from specific|only accept|not accept(?:ing)? (?:any )?(?:mail|"
            r"message)s? from|blocked by the recipient|refuses? to receive|user rejected|moderated",
        ),
    ),
    (
        D,
        (
            r"(?:user|recipient|mail ?box|address|account|domain|host(?: ?name)?|addressee|person|"
            r"destinataire|utilisateur|adresse|domaine|compte|benutzer|empfänger|usuario|utente)"
            r"\b.{0,60}\b(?:unknown|not (?:be )?found|does(?: not|n['’]?t) exist|not exist|"
            r"doesn['’]?t have|no longer (?:valid|available|exists?|here|with)|unavailable|"
            r"non[- ]?existent|invalide?|inconnue?|introuvable|erronée?|has left|unbekannt|"
            r"desconocido|sconosciuto|is not (?:a )?(?:valid|known|registered|listed|one of)|not valid|"
            r"not (?:known|registered|listed|recogni[sz]ed|in (?:the )?(?:directory|address ?book)))",
            r"(?:unknown|invalid|no such|not a valid|non-?existent|undefined|bad|illegal|unroutable|"
            r"unrouteable|no valid) (?:local )?(?:user|recipient|mail ?box|address|account|domain|"
            r"host(?:name)?|local part|person|destination|rcpt|alias|addressee)",
            r"no mail ?box (?:here )?by that name|no longer (?:works?|employed)|unrouteable|nobody",
            r"(?:couldn['’]?t|could not|cannot|can['’]?t|unable to|impossible de) (?:be )?(?:find|found|"
            r"resolve|look ?up|trouver|locate) (?:any |the )?(?:host|domain|recipient|user|mailbox|"
            r"address|destinataire)|name or service not known|NXDOMAIN|null MX|no MX",
            r"(?:that|this) (?:address|user|account|mailbox) (?:is|has) (?:moved|gone|been (?:deleted|"
            r"removed|closed|terminated))|has moved|(?:account|mailbox) (?:has been |was |is )?"
            r"(?:deleted|removed|closed|cancelled|terminated|expired)|owner has changed",
            r"n['’]existe (?:pas|plus)|nicht (?:bekannt|gefunden)|no existe|non esiste|"
            r"(?:宛先|ユーザ|アドレス).{0,30}(?:存在しません|見つかりません|不明)|不存在|"
            r"not (?:listed|found) in (?:Domino|public|the) ",
            r"recipient address rejected: access denied\. AS\(",  # Exchange Online, of 5.4.1
        ),
    ),
    (
        M,
        (
            # An account that sleeps may wake: nothing says that the address is wrong.
            r"disabled|inactive|deactivated|suspended|frozen|\blocked|on hold|discontinued|archiv|"
            r"désactivée?|suspendue?|inactivity",
            r"relay(?:ing)?\b|rcpthosts|not (?:a )?local(?:ly)?|gateway",
            r"loop|too many hops|hop count|malformed|rfc ?\d|syntax|bare (?:lf|cr)|invalid header",
        ),
    ),
    (
        L,
        (
            r"temporar|gr[ea]ylist|try (?:it )?(?:again|later)|retry|retried|too many|rate.?limit|defer",
            r"timed? ?out|timeout|expired|unreachable|connection (?:refused|reset|dropped|lost)|"
            r"could not connect|unable to connect|network|no route",
            r"lost connection|réessay|nouvelle tentative|retardé|delayed|busy|overload|resources",
            r"internal|system (?:error|problem|fail)|local (?:error|problem)|i/o error|"
            r"not (?:accepting|responding|available)|service (?:un|not )available|conversation",
        ),
    ),
)
PATTERNS = [(meaning, re.compile("|".join(patterns), re.IGNORECASE)) for meaning, patterns in WORDS]
DEAD = next(pattern for meaning, pattern in PATTERNS if meaning == D)
FOR_NOW = re.compile(r"temporar|try (?:it )?again later|réessay", re.IGNORECASE)
ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3}\.\d{1,3})(?![\d.])")
REPLY = re.compile(r"(?<![\d.])([245]\d\d)(?=[ \-:]|$)")
# When the server refused (as Postfix and transcripts say it). Before the recipient was named it
# refused us; after it took the recipient, the message: some then call the user unknown.
STEP = re.compile(
    r"(?:in reply to|after|response to|following)[: ]+(?:the )?(?:(?P<us>MAIL FROM|EHLO|HELO|"
    r"initial connection|banner)|(?:end of )?DATA)\b"
)
# Addresses and links may hold any word: they are no words of the server.
HOST = re.compile(r"\b[\w-]{1,63}(?:\.[\w-]{1,63})*\.[a-z]{2,24}\b", re.IGNORECASE)
NO_WORDS = re.compile(r"<[^<>\s]*>|\S+@\S+|https?://\S+")


def meaning_of(answer: str, status: str = "") -> Meaning | None:
    """Return what a refusal means; None when it says nothing.

    ``answer`` is a server's reply or the ``Diagnostic-Code`` of a report, of one or several lines;
    ``status`` the ``Status`` of the report, which some servers fill with anything.
    """
    answer = " ".join(answer.split())[:4_000]
    words = NO_WORDS.sub(" ", answer)
    said, told = ENHANCED.findall(answer), ENHANCED.findall(status)
    replies = REPLY.findall(answer)
    known = said + told
    passes = bool(known or replies) and not any(
        code[0] == "5" for code in (*(klass for klass, _detail in known), *replies)
    )
    found = _weighed(_exact(said), words) or _heard(words) or _exact(told)
    found = found or _likely(known, replies)
    if found in (D, M, None) and (step := STEP.search(words)):
        found = R if step["us"] else M if found == D else found
    if passes and found not in (F, R):
        return L
    return found


def _weighed(code: Meaning | None, words: str) -> Meaning | None:
    """Return what an exact code means: « 5.1.1 » is also written over a full mailbox or a filter."""
    if code == D and not DEAD.search(words):
        return _heard(words) or D
    return code


def explains(answer: str) -> bool:
    """Return whether the answer itself says why: by an exact code or by its words."""
    answer = " ".join(answer.split())[:4_000]
    return bool(_exact(ENHANCED.findall(answer)) or _heard(NO_WORDS.sub(" ", answer)))


def has_code(line: str) -> bool:
    """Return whether a line of prose carries a code of a mail server."""
    return bool(ENHANCED.search(line) or re.search(r"(?<!\S)[45]\d\d[ -]", line))


def _exact(codes: list[tuple[str, str]]) -> Meaning | None:
    return next((EXACT[detail] for _class, detail in codes if detail in EXACT), None)


def _heard(words: str) -> Meaning | None:
    bare = HOST.sub(" ", words)  # a server may be called anything, too
    for meaning, pattern in PATTERNS:
        if pattern.search(words if meaning in (F, R) else bare):
            return L if meaning == D and FOR_NOW.search(bare) else meaning
    return None


def _likely(codes: list[tuple[str, str]], replies: list[str]) -> Meaning | None:
    for _class, detail in codes:
        if meaning := LIKELY.get(detail.partition(".")[0]):
            return meaning
    if meaning := next((SMTP[reply] for reply in replies if reply in SMTP), None):
        return meaning
    return M if codes or replies else None
