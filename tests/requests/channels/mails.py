"""Mails of our own making, as the programs of tenants, robots and attackers write them.

Each list holds ``Case`` rows: a name, the raw bytes, and what reading them must give."""

# ruff: noqa: E501 - lines are as the programs of people write them
from tests.requests.channels.bounce_notices import notice_cases
from tests.requests.channels.everyday_mails import everyday_cases
from tests.requests.channels.hostile_mails import hostile_cases
from tests.requests.channels.hostile_senders import sender_cases
from tests.requests.channels.mail_bodies import (
    HOST,
    SAID,
    TEXT,
    Case,
    charset_cases,
    html_cases,
    mail,
    part,
    parts,
    quote_cases,
)
from tests.requests.channels.odd_bodies import odd_body_cases

# 10 · attachments ----------------------------------------------------------------------------------
HEIC = b"\0\0\0\x18ftypheic" + b"\0" * 40


def file_cases() -> list[Case]:
    def one(name: str, head: str, want: list, body: bytes = b"data") -> Case:
        return Case(f"file {name}", parts(TEXT, part(head, body)), {"names": want, "text": SAID})

    plain = "Content-Disposition: attachment; "
    return [
        one("named", f'Content-Type: application/pdf\n{plain}filename="bail.pdf"', ["bail.pdf"]),
        one("unquoted", f"Content-Type: application/pdf\n{plain}filename=bail.pdf", ["bail.pdf"]),
        one("in the type", 'Content-Type: application/pdf; name="bail.pdf"', ["bail.pdf"]),
        one("nameless pdf", "Content-Type: application/pdf", ["document.pdf"]),
        one("nameless jpeg", "Content-Type: image/jpeg", ["photo.jpg"]),
        one("nameless heic", "Content-Type: image/heic", ["photo.heic"], HEIC),
        one("empty name", f'Content-Type: image/jpeg\n{plain}filename=""', ["photo.jpg"]),
        one("nothing said", "Content-Type: application/octet-stream", ["document.bin"]),
        one(
            "rfc 2231",
            f"Content-Type: application/pdf\n{plain}filename*=utf-8''%C3%A9tat%20des%20lieux.pdf",
            ["état des lieux.pdf"],
        ),
        one(
            "rfc 2231 latin-1",
            f"Content-Type: application/pdf\n{plain}filename*=iso-8859-1'fr'd%E9g%E2t.pdf",
            ["dégât.pdf"],
        ),
        one(
            "rfc 2231 in pieces",
            f"Content-Type: application/pdf\n{plain}\n filename*0*=utf-8''%C3%A9tat%20;\n filename*1=des;\n filename*2*=%20lieux.pdf",
            ["état des lieux.pdf"],
        ),
        one(
            "rfc 2047 in the name",
            f'Content-Type: application/pdf\n{plain}filename="=?utf-8?Q?d=C3=A9g=C3=A2t.pdf?="',
            ["dégât.pdf"],
        ),
        one(
            "bare 8 bit",
            f'Content-Type: application/pdf\n{plain}filename="dégât.pdf"',
            ["dégât.pdf"],
        ),
        one(
            "both forms",
            f"Content-Type: application/pdf\n{plain}filename=\"x.pdf\"; filename*=utf-8''%C3%A9.pdf",
            None,
        ),
        one(
            "a path",
            f'Content-Type: application/pdf\n{plain}filename="../../etc/passwd"',
            ["passwd"],
        ),
        one(
            "a windows path",
            f'Content-Type: application/pdf\n{plain}filename="C:\\\\a\\\\bail.pdf"',
            ["bail.pdf"],
        ),
        one(
            "reversed",
            f'Content-Type: application/pdf\n{plain}filename="a\u202efdp.exe"',
            ["afdp.exe"],
        ),
        one(
            "long",
            f'Content-Type: application/pdf\n{plain}filename="{"a" * 400}.pdf"',
            ["a" * 110 + ".pdf"],
        ),
        one(
            "tnef",
            "Content-Type: application/ms-tnef; name=winmail.dat",
            ["winmail.dat"],
            b"\x78\x9f\x3e\x22x",
        ),
        one(
            "inline image",
            "Content-Type: image/png; name=logo.png\nContent-Disposition: inline\nContent-ID: <logo@x>",
            ["logo.png"],
            b"\x89PNG",
        ),
        one(
            "calendar",
            "Content-Type: text/calendar; charset=utf-8",
            ["document.ics"],
            b"BEGIN:VCALENDAR",
        ),
        one(
            "text file",
            f'Content-Type: text/plain; charset=utf-8\n{plain}filename="notes.txt"',
            ["notes.txt"],
        ),
        one(
            "heic called binary",
            f'Content-Type: application/octet-stream\n{plain}filename="IMG_1.HEIC"',
            ["IMG_1.HEIC"],
            HEIC,
        ),
        one("odd encoding", "Content-Type: application/pdf\nX: y", ["document.pdf"]),
        Case(
            "two files of one name",
            parts(TEXT, *[part(f'Content-Type: image/jpeg\n{plain}filename="p.jpg"')] * 3),
            {"names": ["p.jpg", "p (2).jpg", "p (3).jpg"]},
        ),
        Case(
            "a forwarded message",
            parts(
                TEXT,
                part(
                    "Content-Type: message/rfc822", mail("dedans", subject="Ancien"), encode=False
                ),
            ),
            {"names": ["Ancien.eml"], "text": SAID},
        ),
        Case(
            "a forwarded message without subject",
            parts(
                TEXT,
                part("Content-Type: message/rfc822", mail("dedans", Subject=None), encode=False),
            ),
            {"names": ["message.eml"]},
        ),
        Case(
            "text between photos",
            parts(
                TEXT, part("Content-Type: image/jpeg"), part("Content-Type: text/plain", "Voilà.")
            ),
            {"names": ["photo.jpg"], "text": f"{SAID}\nVoilà."},
        ),
        Case(
            "broken base64",
            parts(TEXT, b"Content-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n!!!!a"),
            {"text": SAID},
        ),
        Case(
            "unknown encoding", mail(SAID, Content_Transfer_Encoding="x-nonsense"), {"text": SAID}
        ),
        Case(
            "never closed",
            mail(b"--=_b\n" + TEXT, 'multipart/mixed; boundary="=_b"'),
            {"text": SAID},
        ),
        Case("no boundary named", mail(SAID, "multipart/mixed"), {"text": SAID}),
        Case(
            "signed",
            parts(
                TEXT,
                part("Content-Type: application/pkcs7-signature; name=smime.p7s"),
                kind="signed",
            ),
            {"names": ["smime.p7s"], "text": SAID},
        ),
        Case("bare line feeds", mail(SAID, eol=b"\n"), {"text": SAID}),
        Case(
            "an mbox line first", b"From awa Tue Nov 24\n" + mail(SAID, eol=b"\n"), {"text": SAID}
        ),
        Case("an empty line first", b"\r\n\r\n" + mail(SAID), {"text": SAID}),
    ]


# 5 · robots ----------------------------------------------------------------------------------------
def robot_cases() -> list[Case]:
    yes = [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; type=x"},
        {"Auto_Submitted": "AUTO-NOTIFIED"},
        {"Precedence": "bulk"},
        {"Precedence": "list"},
        {"Precedence": "junk"},
        {"Precedence": "auto_reply"},
        {"X_Auto_Response_Suppress": "All"},
        {"X_Auto_Response_Suppress": "DR, OOF, AutoReply"},
        {"X_Auto_Response_Suppress": "OOF"},
        {"X_Autoreply": "yes"},
        {"X_Autorespond": "Absence"},
        {"X_Loop": "x@y"},
        {"List_Id": "<voisins.example>"},
        {"List_Unsubscribe": "<mailto:x@y>"},
        {"Return_Path": "<>"},
        {"message_id": f"<x@{HOST}>"},
        {"subject": "Réponse automatique : Votre demande"},
        {"subject": "Re: Réponse automatique"},
        {"subject": "Automatic reply: Your request"},
        {"subject": "Out of office"},
        {"subject": "Absence du bureau"},
        {"subject": "Absence : Awa Traoré"},
        {"subject": "Message d’absence"},
        {"subject": "Re: Notification d'absence"},
        {"subject": "Accusé de réception"},
        {"subject": "Accusé de réception de votre message"},
        {"subject": "[Répondeur] Awa Traoré"},
        {"sender": "post_master@x.example"},
        {"sender": "MAILER-DAEMON@x.example"},
        {"sender": "Postmaster <postmaster@x.example>"},
    ]
    no = [
        {},
        {"Auto_Submitted": "no"},
        {"Precedence": "first-class"},
        {"X_Auto_Response_Suppress": "DR, RN, NRN"},
        {"X_Autoreply": "no"},
        {"Return_Path": "<awa@tenant.example>"},
        {"subject": "Absence d'eau chaude"},
        {"subject": "Absence de chauffage depuis hier"},
        {"subject": "Accusé de réception jamais arrivé"},
        {"subject": "Répondeur de l'interphone en panne"},
        {"X_Priority": "1"},
    ]
    cases = [Case(f"robot {row}", mail(**row), {"robot": True}) for row in yes]
    return cases + [Case(f"person {row}", mail(**row), {"robot": False}) for row in no]


# 8 · bounces ----------------------------------------------------------------------------------------
def bounce(action: str, status: str, ours: str, why: str = "", original: bool = True) -> bytes:
    fields = (
        "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; awa@tenant.example\n"
        f"Action: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {why}\n"
    )
    items = [
        part("Content-Type: text/plain; charset=utf-8", "Votre message n'a pas été remis."),
        part("Content-Type: message/delivery-status", fields, encode=False),
    ]
    if original:
        items.append(
            part("Content-Type: text/rfc822-headers", f"Message-ID: {ours}\n", encode=False)
        )
    else:
        whole = f"Message-ID: {ours}\nSubject: x\n\nbonjour"
        items.append(part("Content-Type: message/rfc822", whole, encode=False))
    raw = parts(
        *items, kind="report", sender="MAILER-DAEMON@mx.example", subject="Undelivered Mail"
    )
    return raw.replace(b"multipart/report;", b"multipart/report; report-type=delivery-status;")


FREE_FORM = {
    "postfix fr": (
        "dead",
        "Remise impossible",
        "<awa@tenant.example>: 550 5.1.1 utilisateur inconnu",
    ),
    "unknown fr": ("dead", "Message non distribué", "L'adresse awa@tenant.example n'existe pas."),
    "not found fr": ("dead", "Échec de la remise", "Destinataire introuvable : awa@tenant.example"),
    "qmail": (
        "dead",
        "failure notice",
        "<awa@tenant.example>:\nSorry, no mailbox here by that name. 550 unknown user",
    ),
    "exim": (
        "dead",
        "Mail delivery failed: returning message to sender",
        "awa@tenant.example\n  550 No such user here",
    ),
    "gmail": (
        "dead",
        "Delivery Status Notification (Failure)",
        "Adresse introuvable. Votre message n'est pas parvenu à awa@tenant.example",
    ),
    "full fr": (
        "full",
        "Message non remis",
        "La boîte de réception est pleine : awa@tenant.example",
    ),
    "full en": ("full", "Undeliverable", "mailbox is full awa@tenant.example"),
    "greylisted": (
        "later",
        "Delivery delayed",
        "awa@tenant.example: 451 4.7.1 greylisted, try again later",
    ),
    "quota": ("full", "Returned mail", "awa@tenant.example 452 over quota"),
    "closed account": (
        "refused",
        "Undelivered Mail Returned to Sender",
        "awa@tenant.example: compte désactivé",
    ),
}


def bounce_cases(ours: str = "<x@palier.invalid>") -> list[Case]:
    rows = [
        ("failed", "5.1.1", "550 user unknown", "dead"),
        ("failed", "5.0.0", "550 rejected", "refused"),
        ("failed", "5.2.2", "552 mailbox full", "full"),
        ("failed", "4.4.1", "connection timed out", "later"),
        ("delayed", "4.4.7", "will retry", "delayed"),
        ("Failed", "5.7.1", "550 blocked", "reputation"),
    ]
    cases = []
    for action, status, why, kind in rows:
        for original in (True, False):
            raw = bounce(action, status, ours, why, original)
            cases.append(Case(f"bounce {action} {status} {original}", raw, {"bounce": kind}))
    cases.append(
        Case("delivered report", bounce("delivered", "2.0.0", ours), {"bounce": "", "robot": True})
    )
    for name, (kind, subject, text) in FREE_FORM.items():
        body = f"{text}\n\n--- Message original ---\nMessage-ID: {ours}\n"
        for sender in ("MAILER-DAEMON@mx.example", "postmaster@mx.example"):
            raw = mail(body, subject=subject, sender=sender, Return_Path="<>")
            cases.append(Case(f"bounce {name} {sender[:6]}", raw, {"bounce": kind, "robot": True}))
    cases += [
        Case(
            "read receipt",
            parts(TEXT, part("Content-Type: message/disposition-notification", "x"), kind="report"),
            {"bounce": "", "robot": True},
        ),
        Case(
            "a tenant who writes of mail that failed",
            mail("Mon courrier est revenu : adresse inconnue, 550.", subject="Remise impossible"),
            {"bounce": "", "robot": False},
        ),
    ]
    return cases


# 11 · trust ------------------------------------------------------------------------------------------
def trust_cases() -> list[Case]:
    rows = [
        ("mx.bailleur.example; dmarc=pass header.from=tenant.example", "pass"),
        ("mx.bailleur.example; dkim=pass header.d=tenant.example", "pass"),
        ("mx.bailleur.example; dkim=pass header.i=@tenant.example", "pass"),
        ("mx.bailleur.example; spf=pass smtp.mailfrom=awa@tenant.example", "pass"),
        ("mx.bailleur.example 1; spf=pass smtp.mailfrom=tenant.example", "pass"),
        ("MX.bailleur.example; dkim=pass header.d=mail.tenant.example", "pass"),
        ("mx.bailleur.example; dkim=pass (2048-bit key; secure) header.d=tenant.example", "pass"),
        ("mx.bailleur.example; dkim=pass header.d=evil.example", ""),
        ("mx.bailleur.example; spf=pass smtp.mailfrom=x@evil.example", ""),
        ("mx.bailleur.example; dkim=pass header.d=example", ""),
        ("mx.bailleur.example; dkim=pass header.d=nottenant.example", ""),
        (
            "mx.bailleur.example; dmarc=fail header.from=tenant.example; spf=pass smtp.mailfrom=tenant.example",
            "fail",
        ),
        ("mx.bailleur.example; dkim=fail header.d=tenant.example", "fail"),
        ("mx.bailleur.example; none", ""),
        ("evil.example; dmarc=pass header.from=tenant.example", ""),
        ("mx.bailleur.example.evil.example; dmarc=pass header.from=tenant.example", ""),
        ("", ""),
        ("(mx.bailleur.example) evil; dmarc=pass", ""),
    ]
    cases = [
        Case(f"trust {value[:60]}", mail(Authentication_Results=value), {"auth": want})
        for value, want in rows
    ]
    forged = mail(Authentication_Results="mx.bailleur.example; dmarc=pass").replace(
        b"Authentication-Results",
        b"Authentication-Results: evil.example; none\r\nAuthentication-Results",
        1,
    )
    good = "mx.bailleur.example; dmarc=pass header.from=tenant.example"
    two = mail(Authentication_Results=good).replace(
        b"From:", b"From: Chef <chef@bailleur.example>\r\nFrom:", 1
    )
    cases += [
        Case("trust: ours is not on top", forged, {"auth": ""}),
        Case("trust: two From lines", two, {"auth": ""}),
        Case("trust: nobody looked", mail(), {"auth": ""}),
    ]
    return cases


def all_cases() -> list[Case]:
    return [
        *charset_cases(),
        *quote_cases(),
        *html_cases(),
        *odd_body_cases(),
        *file_cases(),
        *robot_cases(),
        *bounce_cases(),
        *trust_cases(),
        *everyday_cases(),
        *hostile_cases(),
        *sender_cases(),
        *notice_cases(),
    ]
