"""Notices of mail servers and providers in their own manner, written anew; and what each means.

One block a notice: name, meaning, sender, subject, headers and words. ``-`` is no bounce.
"""

# ruff: noqa: E501 - lines are as mail servers write them

from tests.requests.channels.mail_bodies import Case, mail, part, parts
from tests.requests.channels.provider_notices import PROVIDER_NOTICES
from tests.requests.channels.server_notices import SERVER_NOTICES


def notices() -> list[tuple[str, str, bytes]]:
    """Return the name, the meaning ("" for no bounce) and the bytes of each notice."""
    found = []
    for block in SERVER_NOTICES.split("\n== ")[1:] + PROVIDER_NOTICES.split("\n== ")[1:]:
        name, first, *lines = block.split("\n")
        meaning, sender, subject = (piece.strip() for piece in first.split(" | "))
        headers = {}
        while lines and lines[0].startswith(("X-", "Return-Path:", "Auto-Submitted:")):
            key, _, value = lines.pop(0).partition(": ")
            headers[key.replace("-", "_")] = value
        raw = mail("\n".join(lines), subject=subject, sender=sender, **headers)
        found.append((name, "" if meaning == "-" else meaning, raw))
    return found


REPORTS = {
    # Status, diagnostic, and what they mean together.
    "dead": [
        ("5.1.1", "smtp; 550 5.1.1 user unknown"),
        ("5.1.1", ""),
        ("5.0.0", "smtp; 550 No such user - awa@tenant.example"),
        ("5.1.2", "smtp; 550 Host unknown"),
        (
            "5.4.4",
            "X-Postfix; Host or domain name not found. Name service error for name=tenant.example type=A: Host not found",
        ),
        ("5.1.6", "smtp; 551 5.1.6 has moved"),
        ("5.1.10", "smtp; 556 5.1.10 domain does not accept mail"),
        ("5.3.0", "smtp; 553 5.3.0 <awa@tenant.example>... No such user here"),
        ("5.7.1", "smtp; 550 5.7.1 recipient does not exist here"),
        ("5.2.1", "smtp; 550 5.2.1 mailbox unavailable: unknown user"),
    ],
    "full": [
        ("5.2.2", "smtp; 552 5.2.2 over quota"),
        ("5.1.1", "smtp; 550 5.1.1 mailbox is full"),
        ("5.0.0", "smtp; 552 Requested mail action aborted: exceeded storage allocation"),
        ("4.2.2", "smtp; 452 4.2.2 mailbox full"),
        ("5.7.1", "smtp; 554 5.7.1 The file system is full: no space left"),
    ],
    "reputation": [
        ("5.7.1", "smtp; 554 5.7.1 Client host [192.0.2.7] blocked using a list"),
        ("5.1.1", "smtp; 550 5.1.1 Your IP address is listed in a blacklist"),
        ("5.7.26", "smtp; 550 5.7.26 unauthenticated"),
        ("5.7.9", "smtp; 550 DMARC check failed"),
        ("5.1.8", "smtp; 553 5.1.8 Domain of sender address does not exist"),
        ("5.7.1", "smtp; 550 5.7.1 SPF unauthorized mail is prohibited"),
        ("5.0.0", "smtp; 554 Cannot find your reverse hostname, [192.0.2.7]"),
        ("5.7.25", "smtp; 550 5.7.25 no PTR"),
    ],
    "refused": [
        ("5.7.1", "smtp; 554 5.7.1 this message was identified as spam"),
        ("5.3.4", "smtp; 552 5.3.4 message size exceeds limit"),
        ("5.6.0", "smtp; 554 5.6.0 virus found"),
        ("5.1.1", "smtp; 550 5.1.1 this message looks like phishing"),
        ("5.2.1", "smtp; 550 5.2.1 The email account that you tried to reach is disabled"),
        ("5.7.1", "smtp; 550 5.7.1 relaying denied"),
        ("5.0.0", "smtp; 550 Unknown user (in reply to end of DATA command)"),
        ("5.0.0", "smtp; 550 blah"),
    ],
    "later": [
        ("4.4.1", "X-Postfix; connect to mx[192.0.2.7]:25: Connection timed out"),
        ("4.4.7", "smtp; 550 4.4.7 QUEUE.Expired; message expired"),
        ("5.4.7", "delivery time expired"),
        ("4.7.1", "smtp; 451 4.7.1 Greylisting in action, please come back later"),
        ("5.4.6", "smtp; 554 5.4.6 too many hops"),
        ("4.1.1", "smtp; 450 4.1.1 user unknown, try again"),
        ("5.0.0", "smtp; 421 service temporarily unavailable"),
    ],
}


def report(status: str, diagnostic: str, said: str = "Votre message est revenu.") -> bytes:
    """A report of RFC 3464 whose diagnostic runs over several lines."""
    lines = diagnostic.replace(" ", "\n    ", 3)
    fields = (
        "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; awa@tenant.example\n"
        f"Action: failed\nStatus: {status}\n"
    )
    fields += f"Diagnostic-Code: {lines}\n" if diagnostic else ""
    items = [
        part("Content-Type: text/plain; charset=utf-8", said),
        part("Content-Type: message/delivery-status", fields, encode=False),
    ]
    return parts(*items, kind="report", sender="MAILER-DAEMON@mx.example")


def complaint(kind: str) -> bytes:
    """A feedback report (RFC 5965)."""
    fields = f"Feedback-Type: {kind}\nUser-Agent: x/1\nVersion: 1\nOriginal-Rcpt-To: awa@tenant.example\n"
    items = [
        part("Content-Type: text/plain", "This is an email abuse report."),
        part("Content-Type: message/feedback-report", fields, encode=False),
        part("Content-Type: text/rfc822-headers", "Message-ID: <x@palier.invalid>\n", encode=False),
    ]
    raw = parts(*items, kind="report", sender="staff@provider.example", subject="complaint")
    return raw.replace(b"multipart/report;", b"multipart/report; report-type=feedback-report;")


def notice_cases() -> list[Case]:
    cases = [Case(f"notice {name}", raw, {"bounce": meaning}) for name, meaning, raw in notices()]
    for meaning, rows in REPORTS.items():
        cases += [
            Case(
                f"report {status} {words}",
                report(status, words),
                {"bounce": meaning, "robot": True},
            )
            for status, words in rows
        ]
    cases.append(
        Case(
            "report that says nothing, with words that do",
            report("5.0.0", "smtp; 550 failed", "awa@tenant.example: mailbox is full"),
            {"bounce": "full"},
        )
    )
    for kind, meaning in (("abuse", "complaint"), ("fraud", "complaint"), ("not-spam", "")):
        cases.append(Case(f"feedback {kind}", complaint(kind), {"bounce": meaning, "robot": True}))
    return cases
