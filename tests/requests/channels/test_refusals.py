"""What a mail server means by a refusal; only a dead address is given up."""

# ruff: noqa: E501 - lines are as mail servers write them

import pytest

from requests.channels.mail import parser as email
from requests.channels.mail.refusals import Meaning, meaning_of
from tests.requests.channels import mails

ANSWERS = {
    Meaning.DEAD: [
        "550 5.1.1 <awa@tenant.example>: Recipient address rejected: User unknown in virtual mailbox table",
        "550-5.1.1 The email account that you tried to reach does not exist. 550 5.1.1 Learn more at https://x.example/spam",
        "550 no such user here",
        "550 5.5.0 Requested action not taken: mailbox unavailable",
        "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)",
        "550 5.1.2 Bad destination system",
        "556 5.1.10 Recipient address has null MX",
        "551 5.7.17 Mailbox owner has changed",
        "554 unrouteable address",
        "5.4.4 unable to look up host nowhere.example: Host not found",
        "550 Adresse d'au moins un destinataire invalide",
    ],
    Meaning.FULL: [
        "552 5.2.2 mailbox full",
        "452 4.2.2 The email account that you tried to reach is over quota",
        "550 5.7.1 Quota exceeded",
        "554 boîte pleine",
    ],
    Meaning.REFUSED: [
        "554 5.7.1 This message was identified as spam",
        "552 5.3.4 Message size exceeds fixed limit",
        "550 5.6.0 Message contains a virus",
        "550 5.7.1 Our system has detected that this message is likely unsolicited mail",
        "550 5.7.1 rejected for policy reasons",
        "550 rejected",
        "554 5.0.0",
        "553 sorry, that is not here",
        "550 5.7.1 Unable to relay",
        "550 5.2.1 The email account that you tried to reach is disabled.",
    ],
    Meaning.REPUTATION: [
        "554 5.7.1 <awa@tenant.example>: Client host rejected: spamdetected",
        "554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.example; https://x.example",
        "550 5.7.26 This mail is unauthenticated, which poses a security risk",
        "550 5.7.1 Recipient address rejected: SPF fail - not authorized",
        "550 5.7.25 no PTR",
        "554 5.7.1 sorry, reverse DNS of your host is missing",
        "550 5.7.1 Sender address rejected: Domain not found",
        "550 5.7.1 [192.0.2.7] Message blocked: listed at bl.example",
        "421 4.7.0 [TSS04] Messages from 192.0.2.7 temporarily deferred due to user complaints",
        "550 5.7.1 no",
    ],
    Meaning.LATER: [
        "451 4.7.1 greylisted, try again later",
        "450 4.1.1 Recipient address rejected: unverified address",
        "421 too many connections",
        "450 4.2.0 mailbox unavailable",
        "connection timed out",
        "550 5.4.7 Delivery expired (message too old)",
        "5.3.2 system not accepting network messages",
    ],
}


@pytest.mark.parametrize(
    ("meaning", "answer"), [(m, answer) for m, rows in ANSWERS.items() for answer in rows]
)
@pytest.mark.weakness("address given up")
def test_a_refusal_is_read_by_its_code_then_its_words(meaning, answer):
    assert meaning_of(answer) == meaning


def test_the_status_of_a_report_decides_only_where_the_answer_is_silent():
    assert meaning_of("550 5.2.2 mailbox full", "5.1.1") == Meaning.FULL
    assert meaning_of("", "5.1.1") == Meaning.DEAD
    assert meaning_of("x", "4.0.0") == Meaning.LATER
    assert meaning_of("hello") is None


def report(*lines: str, status: str = "5.0.0", before: str = "") -> bytes:
    fields = (
        f"Reporting-MTA: dns; mx.example\n\n{before}Final-Recipient: rfc822; awa@tenant.example\n"
        f"Action: failed\nStatus: {status}\nDiagnostic-Code: smtp; " + "\n    ".join(lines) + "\n"
    )
    items = [
        mails.part("Content-Type: text/plain; charset=utf-8", "Votre message est revenu."),
        mails.part("Content-Type: message/delivery-status", fields, encode=False),
    ]
    return mails.parts(*items, kind="report", sender="MAILER-DAEMON@mx.example")


def test_a_diagnostic_of_several_lines_is_read_whole():
    raw = report("550-5.7.1", "Client host rejected:", "blocked using a blocklist", status="5.7.1")
    found = email.parse(raw).bounce
    assert found.kind == Meaning.REPUTATION
    assert "blocked using a blocklist" in found.why
    full = email.parse(report("5.7.1", "552 5.2.2 mailbox", "full", status="5.7.1")).bounce
    assert full.kind == Meaning.FULL


def test_the_recipient_that_failed_is_read_among_several():
    other = "Final-Recipient: rfc822; bob@tenant.example\nAction: relayed\nStatus: 2.0.0\n\n"
    found = email.parse(report("550 5.1.1 unknown", status="5.1.1", before=other)).bounce
    assert (found.kind, found.recipient) == (Meaning.DEAD, "awa@tenant.example")


def test_a_report_from_nobody_is_a_bounce():
    raw = mails.mail(
        "<awa@tenant.example>: 550 5.1.1 utilisateur inconnu", sender="<>", subject="Retour"
    )
    found = email.parse(raw)
    assert (found.bounce.kind, found.automatic) == (Meaning.DEAD, "report")
