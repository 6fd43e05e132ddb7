"""Mails as a landlord's mailbox gets them besides plain letters: from machines, lists, offices."""

# ruff: noqa: E501 - lines are as the programs of people write them

from tests.requests.channels.mail_bodies import SAID, TEXT, Case, mail, part, parts

INVITATION = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
UID:1@tenant.example
SUMMARY:Passage du plombier
DTSTART:20261127T083000Z
END:VEVENT
END:VCALENDAR
"""
HTML = "Content-Type: text/html; charset=utf-8"
PLAIN = "Content-Type: text/plain; charset=utf-8"
CALENDAR = "Content-Type: text/calendar; charset=utf-8; method=REQUEST"
FILE = "Content-Disposition: attachment; filename="
DISCLAIMER = (
    "Ce message et ses pièces jointes sont confidentiels et établis à l'intention exclusive de "
    "leurs destinataires."
)


def nested(depth: int) -> bytes:
    """A message forwarded as a file of a message, ``depth`` times."""
    raw = mail("Au fond, la fuite.", subject="Première")
    for number in range(depth):
        raw = parts(
            part(PLAIN, f"Voir le message joint ({number})."),
            part("Content-Type: message/rfc822", raw.replace(b"\r\n", b"\n"), encode=False),
            boundary=f"=_n{number}",
            subject=f"TR: Première ({number})",
        )
    return raw


def everyday_cases() -> list[Case]:
    said = {"text": SAID}
    pdf = b"%PDF-1.4\n%%EOF\n"
    alternative = parts(
        TEXT, part(HTML, f"<p>{SAID}</p>"), part(CALENDAR, INVITATION), kind="alternative"
    )
    related = part(
        'Content-Type: multipart/related; boundary="=_r"',
        b"--=_r\n%s\n--=_r\n%s\n--=_r--\n"
        % (
            part(HTML, f"<p>{SAID}</p><img src='cid:p@x'>"),
            part("Content-Type: image/jpeg\nContent-ID: <p@x>", b"\xff\xd8\xff\xd9"),
        ),
        encode=False,
    )
    flowed = "Bonjour, l'évier fuit \ntoujours. Merci de \npasser vendredi."
    return [
        Case("invitation beside text and html", alternative, said),
        Case("invitation alone", mail(INVITATION, "text/calendar; method=REQUEST"), {}),
        Case(
            "answer to an invitation",
            parts(TEXT, part(CALENDAR.replace("REQUEST", "REPLY"), INVITATION)),
            said,
        ),
        Case(
            "s/mime, signed in one piece",
            mail(b"MIAGCSqGSIb3DQEHAqCAMIACAQExCzAJBgUrDgMC", "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", encoding="base64"),
            {"names": ["smime.p7m"], "text": ""},
        ),
        Case(
            "s/mime, encrypted",
            mail(b"MIAGCSqGSIb3DQEHA6CAMIACAQAxggFo", "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", encoding="base64"),
            {"names": ["smime.p7m"], "text": ""},
        ),
        Case(
            "pgp, encrypted",
            parts(
                part("Content-Type: application/pgp-encrypted", "Version: 1", encode=False),
                part("Content-Type: application/octet-stream; name=encrypted.asc", "-----BEGIN PGP MESSAGE-----\nx\n-----END PGP MESSAGE-----", encode=False),
                kind="encrypted",
            ),
            {},
        ),
        Case("pgp, signed in the text", mail(f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{SAID}\n-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----"), {}),
        *(Case(f"forwarded as a file {n} times", nested(n), {}) for n in (1, 3, 12, 30)),
        Case(
            "forwarded in the text, to our box",
            mail(f"Pour traitement.\n\n---------- Forwarded message ---------\nDe : Awa <awa@tenant.example>\nDate: mar. 24 nov. 2026 à 10:02\nSubject: Fuite\nTo: <garde@bailleur.example>\n\n{SAID}", subject="Fwd: Fuite"),
            {},
        ),
        Case(
            "forwarded three times, in French",
            mail(f"TR\n\n> ----- Message transféré -----\n> De : Zoé\n>> ----- Message transféré -----\n>> De : Ali\n>>> {SAID}", subject="TR : TR : Fwd: Fuite"),
            {},
        ),
        Case("a list with its footer", mail(f"{SAID}\n_______________________________________________\nVoisins mailing list\nVoisins@listes.example", List_Id="<voisins.listes.example>"), {"robot": True}),
        Case(
            "a digest of a list",
            parts(
                part(PLAIN, "Messages du jour"),
                part("Content-Type: message/rfc822", mail("un", eol=b"\n"), encode=False),
                part("Content-Type: message/rfc822", mail("deux", eol=b"\n"), encode=False),
                kind="digest",
                Precedence="list",
            ),
            {"robot": True},
        ),
        Case("a scanner that sends mail", parts(part(PLAIN, "Numérisation de MFP-3e-étage"), part(f"Content-Type: application/pdf\n{FILE}\"SCAN0001.PDF\"", pdf), subject="Message from MFP"), {"names": ["SCAN0001.PDF"]}),
        Case("a fax by mail", parts(part(PLAIN, ""), part(f"Content-Type: image/tiff\n{FILE}fax.tif", b"II*\0"), subject="Fax de 0240000000"), {"names": ["fax.tif"]}),
        Case("a voice message by mail", parts(part(PLAIN, "Vous avez un nouveau message vocal."), part(f"Content-Type: audio/x-wav\n{FILE}msg0001.wav", b"RIFF\0\0\0\0WAVE")), {"names": ["msg0001.wav"]}),
        Case("a picture message of a telephone", parts(part("Content-Type: application/smil", "<smil/>"), part("Content-Type: image/jpeg", b"\xff\xd8\xff\xd9"), sender="<33639981234@mms.example>", kind="related"), {}),
        Case("a photo and no word", parts(part(PLAIN, ""), part(f"Content-Type: image/jpeg\n{FILE}IMG_0001.JPG", b"\xff\xd8\xff\xd9"), subject=""), {"text": "", "names": ["IMG_0001.JPG"]}),
        Case("a subject and no body", mail("", subject="Plus d'eau chaude au 3e"), {"text": "", "subject": "Plus d'eau chaude au 3e"}),
        Case("neither subject nor body", mail("", subject=""), {"text": "", "subject": ""}),
        Case("blank lines alone", mail("\n \n\t\n\n"), {"text": ""}),
        Case("html with its picture", parts(part("Content-Type: multipart/alternative; boundary=\"=_a\"", b"--=_a\n%s\n--=_a\n%s\n--=_a--\n" % (TEXT, related), encode=False)), {}),
        Case("lines that flow", mail(flowed, "text/plain; charset=utf-8; format=flowed; delsp=no"), {}),
        Case("an office's disclaimer", mail(f"{SAID}\n\n{DISCLAIMER}\n\nAvant d'imprimer, pensez à l'environnement."), {}),
        Case("capitals and exclamations", mail("TOUJOURS PAS DE CHAUFFAGE !!! C'EST UNE HONTE !!!", subject="URGENT !!!", X_Priority="1", Importance="high"), {"robot": False}),
        Case("emoji", mail("💧💧 fuite 👩‍👩‍👧 merci 🙏🏽", subject="💧 Fuite"), {"subject": "💧 Fuite", "text": "💧💧 fuite 👩‍👩‍👧 merci 🙏🏽"}),
        Case("from right to left", mail("الماء يتسرب في المطبخ منذ أمس", subject="تسرب"), {"text": "الماء يتسرب في المطبخ منذ أمس"}),
        Case("two languages", mail("Le robinet fuit.\n\nThe tap leaks.\n\nEl grifo gotea."), {"robot": False}),
        Case("a visiting card", parts(TEXT, part(f"Content-Type: text/vcard; charset=utf-8\n{FILE}awa.vcf", "BEGIN:VCARD\nFN:Awa\nEND:VCARD")), {"names": ["awa.vcf"], "text": SAID}),
        Case("a report on our own mails", parts(part(PLAIN, "This is a DMARC aggregate report."), part(f"Content-Type: application/gzip\n{FILE}r.xml.gz", b"\x1f\x8b\x08\0"), sender="noreply-dmarc@big.example", subject="Report Domain: bailleur.example", Auto_Submitted="auto-generated"), {"robot": True}),
        Case("a complaint of a provider", parts(part(PLAIN, "This is an email abuse report"), part("Content-Type: message/feedback-report", "Feedback-Type: abuse\nVersion: 1", encode=False), part("Content-Type: message/rfc822", mail("x", eol=b"\n"), encode=False), kind="report", sender="<feedback@big.example>"), {"robot": True}),
        Case("several senders", mail(From="Awa <awa@tenant.example>, Bob <bob@tenant.example>", Sender="awa@tenant.example"), {}),
        Case("a group of nobody", mail(From="undisclosed:;", To="undisclosed-recipients:;"), {}),
        Case("an address with accents", mail(From="Zoé <zoé@exemple.example>"), {}),
        Case("a domain with accents", mail(From="Zoé <zoe@xn--exmple-cva.example>"), {}),
        Case("a date of last century", mail(Date="Fri, 31 Dec 1999 23:59:60 +0000"), {"text": SAID}),
        Case("a date of nowhere", mail(Date="hier soir"), {"text": SAID}),
        Case("a long thread", mail(SAID + "\n\n" + "\n".join(f"{'>' * (n % 30 + 1)} ligne {n}" for n in range(3_000))), {}),
        Case("twelve photos", parts(TEXT, *[part(f"Content-Type: image/jpeg\n{FILE}p{n}.jpg", b"\xff\xd8\xff\xd9%d" % n) for n in range(12)]), {"text": SAID}),
        Case("lines without end", mail("é" * 100_000, encoding="base64"), {}),
    ]  # fmt: skip
