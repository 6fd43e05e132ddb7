"""Mails as programs and servers of the world write them, put together from their habits.

Written apart from the parser and from ``mails.py``: each shape crosses with names, dates and words.
``QUOTED`` are (name, body, what its author wrote); ``NOTICES`` (name, mail, meanings that are
right); ``AWAY`` answers of machines.
"""

# ruff: noqa: E501 - what a program writes stays on its line
from collections.abc import Iterator
from email.message import EmailMessage
from itertools import product

WORDS = (
    "Bonjour,\n\nLe radiateur de la chambre est froid depuis mardi.\n\nMerci",
    "Oui, mercredi à 14 h me va.",
)
OLD = "Bonjour Madame,\n\nQuand pouvons-nous passer ?\n\nRégie des Rives"
WHO = "Régie des Rives <contact@rives.example>"


def marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


# How programs begin what they quote; {q} is the old text with marks, {o} without.
QUOTES = {
    "Gmail": "Le mar. 24 nov. 2026 à 09:12, Régie des Rives <contact@rives.example> a\nécrit :\n\n{q}",
    "Gmail en": "On Tue, Nov 24, 2026 at 9:12 AM Régie des Rives <contact@rives.example>\nwrote:\n\n{q}",
    "old Gmail": "2026-11-24 9:12 GMT+01:00 Régie des Rives <contact@rives.example>:\n\n{q}",
    "Apple": "Le 24 nov. 2026 à 09:12, Régie des Rives <contact@rives.example> a écrit :\n\n{q}",
    "Apple iPhone": "Envoyé de mon iPhone\n\n> Le 24 nov. 2026 à 09:12, Régie des Rives "
    "<contact@rives.example> a écrit :\n> \n{q}",
    "Thunderbird": "Le 24/11/2026 à 09:12, Régie des Rives a écrit :\n{q}",
    "Zimbra": "----- Mail original -----\nDe: \"Régie des Rives\" <contact@rives.example>\n"
    "À: \"Awa\" <awa@zimbra.example>\nEnvoyé: Mardi 24 Novembre 2026 09:12:00\n"
    "Objet: Votre demande\n\n{o}",
    "Zimbra web": "- Le 2026-11-24 09:12, Régie des Rives a écrit :\n\n{q}",
    "Orange": "> Message du 24/11/26 09:12\n> De : \"Régie des Rives\" <contact@rives.example>\n"
    "> A : awa@orange.example\n> Copie à : \n> Objet : Votre demande\n>\n{q}",
    "La Poste": "> Message du : 24/11/2026 09:12\n> De : \"Régie des Rives\" <contact@rives.example>\n"
    "> A : awa@laposte.example\n> Copie à : \n> Sujet : Votre demande\n> \n> \n{q}",
    "SFR": "> Message du : 24/11/2026\n> De : \"Régie des Rives\" <contact@rives.example>\n"
    "> A : awa@sfr.example\n> Sujet : Votre demande\n> \n{q}",
    "Free webmail": "Régie des Rives <contact@rives.example> a écrit :\n\n{q}",
    "Outlook fr": "De : Régie des Rives <contact@rives.example>\nEnvoyé : mardi 24 novembre 2026 "
    "09:12\nÀ : Awa <awa@x.example>\nObjet : Votre demande\n\n{o}",
    "Outlook fr line": "________________________________\nDe : Régie des Rives "
    "<contact@rives.example>\nEnvoyé : mardi 24 novembre 2026 09:12\nÀ : Awa <awa@x.example>\n"
    "Objet : Votre demande\n\n{o}",
    "Outlook wrapped": "De : Régie des Rives\n<contact@rives.example>\nEnvoyé : mardi 24 novembre "
    "2026 09:12\nÀ : Awa <awa@x.example>\nObjet : Votre demande\n\n{o}",
    "Outlook en": "-----Original Message-----\nFrom: Régie des Rives <contact@rives.example>\n"
    "Sent: Tuesday, November 24, 2026 9:12 AM\nTo: Awa <awa@x.example>\nSubject: Votre demande\n\n{o}",
    "Outlook old fr": "-----Message d'origine-----\nDe : Régie des Rives "
    "[mailto:contact@rives.example]\nEnvoyé : mardi 24 novembre 2026 09:12\nÀ : Awa\n"
    "Objet : Votre demande\n\n{o}",
    "Outlook phone": "Télécharger Outlook pour Android<https://aka.ms/x>\n"
    "________________________________\nFrom: Régie des Rives <contact@rives.example>\n"
    "Sent: Tuesday, November 24, 2026 9:12:00 AM\nTo: Awa <awa@x.example>\nSubject: Demande\n\n{o}",
    "Zoho": "---- Le mar., 24 nov. 2026 09:12:00 +0100 Régie des Rives <contact@rives.example> a "
    "écrit ----\n\n{o}",
    "Zoho en": "---- On Tue, 24 Nov 2026 09:12:00 +0100 Régie des Rives <contact@rives.example> "
    "wrote ----\n\n{o}",
    "Yahoo": "Le mardi 24 novembre 2026 à 09:12:00 UTC+1, Régie des Rives "
    "<contact@rives.example> a écrit :\n\n{o}",
    "Samsung": "-------- Message d'origine --------\nDe : Régie des Rives "
    "<contact@rives.example>\nDate : 24/11/2026 09:12 (GMT+01:00)\nÀ : awa@x.example\n"
    "Objet : Votre demande\n\n{o}",
    "Proton": "Le mardi 24 novembre 2026 à 09:12, Régie des Rives <contact@rives.example> a "
    "écrit :\n\n{q}",
    "Roundcube": "Le 2026-11-24 09:12, Régie des Rives a écrit :\n{q}",
    "iCloud": "Le 24 novembre 2026 à 09:12, contact@rives.example a écrit :\n\n{q}",
}  # fmt: skip


def quoted() -> Iterator[tuple[str, str, str]]:
    """Yield each style with each text, its lines ended in each way."""
    for (name, style), words in product(QUOTES.items(), WORDS):
        yield name, f"{words}\n\n{style.format(q=marked(OLD), o=OLD)}\n", words


# What servers say: (whose words, text, what is right). "dead": the address; the others are not it.
REASONS = (
    ("no such user", "550 5.1.1 <awa@{d}>: Recipient address rejected: User unknown in virtual mailbox table", "dead"),
    ("Gmail dead", "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550-5.1.1 double-checking the recipient's email address for typos", "dead"),
    ("Orange dead", "550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]", "dead"),
    ("Exchange dead", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient awa@{d} not found by SMTP address lookup", "dead"),
    ("full", "552 5.2.2 <awa@{d}>: Mailbox full: quota exceeded", "full"),
    ("Gmail full", "452-4.2.2 The recipient's inbox is out of storage space.", "full"),
    ("Orange full", "552 5.2.2 Mailbox is full. Boite du destinataire pleine. OFR_417", "full"),
    ("Orange spam", "554 5.7.1 Service refused, please try later. LPN007_510 spamdetected", "not"),
    ("Spamhaus", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", "not"),
    ("Gmail DMARC", "550-5.7.26 This mail has been blocked because the sender is unauthenticated.", "not"),
    ("SFR limit", "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred", "not"),
    ("greylist", "450 4.2.0 <awa@{d}>: Recipient address rejected: Greylisted, see http://postgrey.example", "not"),
    ("content", "550 5.7.1 Message content rejected due to policy", "not"),
    ("expired", "delivery temporarily suspended: connect to mx.{d}[192.0.2.9]:25: Connection timed out", "not"),
)  # fmt: skip
DOMAINS = ("orange.example", "sfr.example")


def postfix(said: str, to: str) -> str:
    return (
        "This is the mail system at host mx.rives.example.\n\nI'm sorry to have to inform you that "
        "your message could not\nbe delivered to one or more recipients. It's attached below.\n\n"
        f"                   The mail system\n\n<{to}>: host mx[192.0.2.9] said: {said} (in reply to RCPT TO command)\n"
    )


def exim(said: str, to: str) -> str:
    return (
        "This message was created automatically by mail delivery software.\n\nA message that you "
        "sent could not be delivered to one or more of its\nrecipients. This is a permanent error. "
        f"The following address(es) failed:\n\n  {to}\n    host mx [192.0.2.9]\n"
        f"    SMTP error from remote mail server after RCPT TO:<{to}>:\n    {said}\n"
    )


def exchange(said: str, to: str) -> str:
    return (
        "Échec de la remise à ces destinataires ou groupes :\n\n"
        f"{to}\nVotre message n'a pas pu être remis.\n\n"
        f"Informations de diagnostic pour les administrateurs :\nServeur de génération : EX1\n{to}\n"
        f"Remote Server returned '{said}'\n"
    )


def gmail(said: str, to: str) -> str:
    return (
        f"** Message non distribué **\n\nVotre message n'a pas été remis à {to}.\n\n"
        f"La réponse du serveur distant est la suivante :\n{said}\n"
    )


def qmail(said: str, to: str) -> str:
    return (
        "Hi. This is the qmail-send program at mx.rives.example.\nI'm afraid I wasn't able to "
        "deliver your message to the following addresses.\nThis is a permanent error; I've given "
        f"up. Sorry it didn't work out.\n\n<{to}>:\n192.0.2.9 does not like recipient.\n"
        f"Remote host said: {said}\nGiving up on 192.0.2.9.\n"
    )


SERVERS = {
    "Postfix": (postfix, "MAILER-DAEMON@mx.rives.example", "Undelivered Mail Returned to Sender"),
    "Exim": (exim, "Mailer-Daemon@mx.rives.example", "Mail delivery failed: returning message to sender"),
    "Exchange": (exchange, "postmaster@x.example", "Non remis : Votre demande"),
    "Gmail": (gmail, "mailer-daemon@googlemail.com", "Delivery Status Notification (Failure)"),
    "qmail": (qmail, "MAILER-DAEMON@mx.rives.example", "failure notice"),
    "OVH": (postfix, "MAILER-DAEMON@mo1.mail-out.ovh.example", "Undelivered Mail Returned to Sender"),
}  # fmt: skip


def _notice(server: str, said: str, to: str, report: bool) -> bytes:
    write, sender, subject = SERVERS[server]
    body = write(said, to)
    head = f"From: {sender}\nTo: contact@rives.example\nSubject: {subject}\nReturn-Path: <>\n"
    head += "Date: Tue, 24 Nov 2026 09:12:00 +0100\nMessage-ID: <n@mx.example>\nMIME-Version: 1.0\n"
    if not report:
        return f"{head}Content-Type: text/plain; charset=utf-8\n\n{body}".encode()
    code = next(
        (w for w in said.replace("-", " ").split() if w.count(".") == 2 and w[0] in "45"), "5.0.0"
    )
    action = "failed" if code[0] == "5" else "delayed"
    lines = said.splitlines()
    told = "\n ".join([f"Diagnostic-Code: smtp; {lines[0]}", *lines[1:]])
    return (
        f"{head}Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        f"--b\nContent-Type: text/plain; charset=utf-8\n\n{body}\n--b\nContent-Type: "
        f"message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; {to}\n"
        f"Action: {action}\nStatus: {code}\n{told}\n\n--b--\n"
    ).encode()  # fmt: skip


def notices() -> Iterator[tuple[str, bytes, str]]:
    """Yield the notices of each server for each reason, as a report and free."""
    for server, (why, said, right), domain, report in product(
        SERVERS, REASONS, DOMAINS, (True, False)
    ):
        told = said.replace("{d}", domain)
        name = f"{server}: {why}, {domain}, {'report' if report else 'free'}"
        yield name, _notice(server, told, f"awa@{domain}", report), right


AWAY = (
    "Réponse automatique : Votre demande",
    "Réponse automatique: Votre demande",
    "Absence : Votre demande",
    "Absence du bureau : Votre demande",
    "Message d’absence",
    "Message d'absence du bureau Re: Votre demande",
    "Absent(e) du bureau : Votre demande",
    "Automatic reply: Votre demande",
    "Out of Office: Votre demande",
    "Accusé de réception : votre message",
    "[Répondeur] Votre demande",
    "Répondeur automatique",
)


def away() -> Iterator[tuple[str, bytes]]:
    """Yield what machines answer for people who are away, by its subject alone."""
    for subject in AWAY:
        mail = EmailMessage()
        mail["From"], mail["To"] = "Awa Traoré <awa@x.example>", "contact@rives.example"
        mail["Subject"], mail["Message-ID"] = subject, "<a@x.example>"
        mail.set_content("Bonjour,\n\nJe suis absente jusqu'au 4 décembre.\n\nAwa Traoré\n")
        yield subject, bytes(mail)
