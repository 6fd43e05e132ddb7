"""Mails of our own making, as the programs of tenants, robots and attackers write them.

Each list holds ``Case`` rows: a name, the raw bytes, and what reading them must give.
"""

# ruff: noqa: E501 - lines are as the programs of people write them
import base64
import quopri
from dataclasses import dataclass, field
from email.header import Header

HOST = "palier.invalid"
OURS = "Palier <palier@bailleur.example>"
SAID = "Bonjour, l'évier fuit toujours. Merci de passer vendredi."


@dataclass
class Case:
    """``want`` maps attributes of ``ParsedMail`` to their value."""

    name: str
    raw: bytes
    want: dict = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def mail(
    body: bytes | str = SAID,
    content_type: str = "text/plain; charset=utf-8",
    subject: str = "Fuite",
    sender: str = "Awa Traoré <awa@tenant.example>",
    message_id: str = "<1@tenant.example>",
    eol: bytes = b"\r\n",
    encoding: str = "8bit",
    **more: str,
) -> bytes:
    """One mail. ``more`` are headers, ``_`` for ``-``; None leaves a usual header out."""
    body = body.encode() if isinstance(body, str) else body
    if encoding == "base64":
        body = base64.encodebytes(body)
    elif encoding == "quoted-printable":
        body = quopri.encodestring(body)
    usual = {
        "From": _ascii(sender),
        "To": OURS,
        "Subject": _ascii(subject),
        "Date": "Tue, 24 Nov 2026 10:02:00 +0100",
        "Message-ID": message_id,
        "MIME-Version": "1.0",
        "Content-Type": content_type,
        "Content-Transfer-Encoding": encoding,
    }
    for name, value in more.items():
        usual[name.replace("_", "-")] = value
    head = [f"{name}: {value}".encode() for name, value in usual.items() if value is not None]
    return eol.join([*head, b"", body.replace(b"\r\n", b"\n").replace(b"\n", eol)])


def _ascii(value: str) -> str:
    if value.isascii():
        return value
    name, sign, address = value.partition(" <")
    return Header(name, "utf-8").encode() + sign + address


def parts(*items: bytes, kind: str = "mixed", boundary: str = "=_b", **headers) -> bytes:
    """A multipart mail around ready-made parts (headers, empty line, body)."""
    lines = b"".join(b"--" + boundary.encode() + b"\n" + item + b"\n" for item in items)
    body = lines + b"--" + boundary.encode() + b"--\n"
    return mail(body, f'multipart/{kind}; boundary="{boundary}"', **headers)


def part(head: str, body: bytes | str = b"data", encode: bool = True) -> bytes:
    body = body.encode() if isinstance(body, str) else body
    if encode:
        head, body = head + "\nContent-Transfer-Encoding: base64", base64.encodebytes(body)
    return head.encode("utf-8") + b"\n\n" + body


TEXT = part("Content-Type: text/plain; charset=utf-8", SAID)


# 9 · character sets -----------------------------------------------------------------------------
WRITTEN = {
    "utf-8": ["utf-8", "UTF8", '"utf-8"', "unicode-1-1-utf-8", "utf8mb4"],
    "cp1252": ["windows-1252", "cp1252", "cp-1252", "iso-8859-1", "latin1", "x-windows-1252"],
    "iso-8859-15": ["iso-8859-15", "latin9"],
    "utf-16": ["utf-16"],
    "mac_roman": ["macintosh", "x-mac-roman"],
}
FRENCH = "L'évier goutte à Noël, où êtes-vous ? Ça coûte 12 €."
FOREIGN = {
    "cp949": ("수도가 샙니다", ["ks_c_5601-1987", "euc-kr", "KS_C_5601"]),
    "gb18030": ("水龙头漏水", ["gb2312", "gbk", "gb18030"]),
    "cp932": ("水が漏れています", ["shift_jis", "x-sjis"]),
    "iso-2022-jp": ("水が漏れています", ["iso-2022-jp"]),
    "big5": ("水龍頭漏水", ["big5"]),
    "cp1256": ("الماء يتسرب", ["windows-1256", "cp1256"]),
    "cp1251": ("Вода течёт", ["windows-1251", "win-1251"]),
    "koi8-r": ("Вода течет", ["koi8-r"]),
    "iso-8859-8": ("מים נוזלים", ["iso-8859-8-i", "iso-8859-8"]),
    "cp1254": ("Su akıyor, çeşme", ["windows-1254", "iso-8859-9"]),
    "cp1250": ("Woda kapie, żółw", ["windows-1250"]),
    "cp1258": ("Nước rò rỉ", []),
}


def charset_cases() -> list[Case]:
    cases = []
    for codec, names in WRITTEN.items():
        text = FRENCH.replace("€", "e") if codec == "mac_roman" else FRENCH
        for name in names:
            for encoding in ("base64", "quoted-printable"):
                raw = mail(text.encode(codec), f"text/plain; charset={name}", encoding=encoding)
                cases.append(Case(f"charset {name} {encoding}", raw, {"text": text}))
    for codec, (text, names) in FOREIGN.items():
        for name in names:
            raw = mail(text.encode(codec), f"text/plain; charset={name}", encoding="base64")
            cases.append(Case(f"charset {name}", raw, {"text": text}))
    # Wrong or missing declarations: UTF-8 first, then what Western machines wrote.
    for name in ("us-ascii", "", "x-unknown", "nonsense-42", "utf-8", "default", "rot13", "idna"):
        declared = f"text/plain; charset={name}" if name else "text/plain"
        for codec in ("utf-8", "cp1252"):
            raw = mail(FRENCH.encode(codec), declared)
            cases.append(Case(f"{codec} declared {name!r}", raw, {"text": FRENCH}))
    cases += [
        Case(
            "utf-8 declared latin-1",
            mail(FRENCH, "text/plain; charset=iso-8859-1"),
            {"text": FRENCH},
        ),
        Case(
            "utf-8 with a byte order mark",
            mail(b"\xef\xbb\xbf" + FRENCH.encode(), "text/plain; charset=utf-8"),
            {"text": FRENCH},
        ),
        # The mark is believed before the declaration (WHATWG Encoding Standard, "decode").
        Case(
            "utf-16 declared utf-8",
            mail(FRENCH.encode("utf-16"), "text/plain; charset=utf-8", encoding="base64"),
            {"text": FRENCH},
        ),
        # No character of this text is in Python's own GBK.
        Case(
            "gb18030 declared gbk",
            mail("㐂䶵".encode("gb18030"), "text/plain; charset=gbk", encoding="base64"),
            {"text": "㐂䶵"},
        ),
        Case(
            "8-bit bytes for a character set",
            mail(FRENCH).replace(b"charset=utf-8", b"charset=utf\xe9\xff"),
            {"text": FRENCH},
        ),
        Case(
            "utf-8 cut inside a character",
            mail((FRENCH * 20 + "é").encode()[:-1], "text/plain; charset=utf-8"),
            {},
        ),
        # UTF-7 would hide a script from every filter: shown as it is written.
        Case(
            "utf-7",
            mail("+ADw-script+AD4-", "text/plain; charset=utf-7"),
            {"text": "+ADw-script+AD4-"},
        ),
        Case("NUL bytes", mail(b"a\0b\0c", "text/plain"), {"text": "abc"}),
        Case("C1 bytes", mail(b"a\x81\x8d\x90b", "text/plain"), {}),
    ]
    for encoded, plain in {
        "=?utf-8?Q?Fuite_d=27eau_=C3=A0_l=27=C3=A9vier?=": "Fuite d'eau à l'évier",
        "=?ISO-8859-1?Q?D=E9g=E2t?= des =?ISO-8859-1?Q?eaux?=": "Dégât des eaux",
        "=?utf-8?B?w6nDqQ==?= =?utf-8?B?w6k=?=": "ééé",
        # One character cut between two words.
        "=?utf-8?B?w6nD?= =?utf-8?B?qQ==?=": "éé",
        "=?windows-1252?Q?Pay=E9_12_=80?=": "Payé 12 €",
        "=?utf-8?q?a?=\r\n =?utf-8?q?b?=": "ab",
        "=?utf-8*fr?Q?=C3=A9t=C3=A9?=": "été",
        "=?gb2312?B?y67B+s23?=": "水龙头",
        "=?nonsense?Q?caf=E9?=": "café",
        "=?utf-8?B?not base64!!?=": None,
        "=?utf-8?X?abc?=": "=?utf-8?X?abc?=",
        "Fuite d'eau \u00e0 l'\u00e9vier": "Fuite d'eau à l'évier",
    }.items():
        raw = mail(Subject=encoded)
        cases.append(
            Case(f"subject {encoded[:24]}", raw, {"subject": plain} if plain is not None else {})
        )
    raw = mail(Subject="x").replace(b"Subject: x", "Subject: Dégât".encode("cp1252"))
    cases.append(Case("bare 8-bit subject", raw, {"subject": "Dégât"}))
    return cases


# 12 · quotes and signatures, as programs write them -----------------------------------------------
QUOTED = "Nous pensons que c'est fait.\nEst-ce réglé ?"


def _marked(text: str = QUOTED) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


CLIENTS = {
    "gmail fr": f"Le mar. 24 nov. 2026 à 10:02, Palier <palier@bailleur.example> a écrit :\n\n{_marked()}",
    "gmail fr wrapped": "Le mar. 24 nov. 2026 à 10:02, Palier de l'office public\n"
    f"<palier@bailleur.example> a écrit :\n\n{_marked()}",
    "gmail fr narrow space": f"Le mar. 24 nov. 2026 à 10:02, Palier <palier@bailleur.example> a\nécrit\u00a0:\n\n{_marked()}",
    "gmail en": f"On Tue, Nov 24, 2026 at 10:02 AM Palier <palier@bailleur.example> wrote:\n\n{_marked()}",
    "iphone fr": f"Envoyé de mon iPhone\n\n> Le 24 nov. 2026 à 10:02, Palier <palier@bailleur.example> a écrit :\n> \n{_marked()}",
    "ipad fr": f"Envoyé de mon iPad\n\nLe 24 nov. 2026 à 10:02, Palier <palier@bailleur.example> a écrit :\n\n{_marked()}",
    "iphone en": f"Sent from my iPhone\n\nOn 24 Nov 2026, at 10:02, Palier <palier@bailleur.example> wrote:\n\n{_marked()}",
    "apple mail fr": f"Le 24 nov. 2026 à 10:02, Palier <palier@bailleur.example> a écrit :\n\n{QUOTED}",
    "outlook fr": "De : Palier <palier@bailleur.example>\nEnvoyé : mardi 24 novembre 2026 10:02\n"
    f"À : Awa Traoré <awa@tenant.example>\nObjet : Votre demande\n\n{QUOTED}",
    "outlook fr rule": "________________________________\nDe : Palier <palier@bailleur.example>\n"
    f"Envoyé : mardi 24 novembre 2026 10:02\nÀ : Awa <awa@tenant.example>\nObjet : Votre demande\n\n{QUOTED}",
    "outlook en": "From: Palier <palier@bailleur.example>\nSent: Tuesday, November 24, 2026 10:02 AM\n"
    f"To: Awa <awa@tenant.example>\nSubject: Your request\n\n{QUOTED}",
    "outlook starred": "*De :* Palier <palier@bailleur.example>\n*Envoyé :* mardi 24 novembre 2026 10:02\n"
    f"*À :* Awa <awa@tenant.example>\n*Objet :* Votre demande\n\n{QUOTED}",
    "outlook ios fr": "Télécharger Outlook pour iOS<https://aka.ms/o0ukef>\n________________________________\n"
    f"De : Palier <palier@bailleur.example>\nEnvoyé : Tuesday, November 24, 2026\nÀ : Awa\nObjet : x\n\n{QUOTED}",
    "outlook android fr": "Obtenir Outlook pour Android\n________________________________\n"
    f"From: Palier <palier@bailleur.example>\nSent: Tuesday\nTo: Awa\nSubject: x\n\n{QUOTED}",
    "outlook old fr": "-----Message d'origine-----\nDe : Palier [mailto:palier@bailleur.example]\n"
    f"Envoyé : mardi 24 novembre 2026 10:02\nÀ : Awa\nObjet : x\n\n{QUOTED}",
    "outlook old en": "-----Original Message-----\nFrom: Palier\nSent: Tuesday\nTo: Awa\nSubject: x\n\n"
    + QUOTED,
    "windows mail fr": "Provenance : Courrier pour Windows\n\nDe : Palier\nEnvoyé le :mardi 24 novembre 2026 10:02\n"
    f"À : Awa\nObjet : x\n\n{QUOTED}",
    "thunderbird fr": f"Le 24/11/2026 à 10:02, Palier a écrit :\n{_marked()}",
    "thunderbird en": f"On 24/11/2026 10:02, Palier wrote:\n{_marked()}",
    "yahoo fr": "Le mardi 24 novembre 2026 à 10:02:03 UTC+1, Palier <palier@bailleur.example> a écrit :\n\n\n"
    + QUOTED,
    "yahoo android fr": "Envoyé depuis Yahoo Mail pour Android\n\n  Le mar., nov. 24, 2026 à 10:02, Palier<palier@bailleur.example> a écrit :   "
    + QUOTED.replace("\n", "\n"),
    "orange webmail": '> Message du 24/11/26 10:02\n> De : "Palier" <palier@bailleur.example>\n> A : awa@tenant.example\n'
    f"> Copie à : \n> Objet : Votre demande\n> \n{_marked()}",
    "orange new webmail": "envoyé : 24 novembre 2026 à 10:02\nde : Palier <palier@bailleur.example>\n"
    f"à : awa@tenant.example\nobjet : Votre demande\n\n{QUOTED}",
    "orange mobile": "Envoyé depuis l'application Mail Orange\n\n---- Message d'origine ----\n"
    f"De : Palier\nÀ : awa@tenant.example\nObjet : x\n\n{QUOTED}",
    "free zimbra": '----- Mail original -----\nDe: "Palier" <palier@bailleur.example>\nÀ: "Awa" <awa@tenant.example>\n'
    f"Envoyé: Mardi 24 Novembre 2026 10:02:00\nObjet: Votre demande\n\n{QUOTED}",
    "free zimbra de": 'De: "Palier" <palier@bailleur.example>\nÀ: "Awa" <awa@tenant.example>\n'
    f"Envoyé: Mardi 24 Novembre 2026 10:02:00\nObjet: Votre demande\n\n{QUOTED}",
    "sfr webmail": "De : Palier <palier@bailleur.example>\nEnvoyé : mardi 24 novembre 2026 10:02\n"
    f"À : awa@tenant.example\nObjet : Votre demande\n\n{QUOTED}",
    "sfr mail app": f"Envoyé depuis SFR Mail\n\nLe 24 nov. 2026 10:02, Palier <palier@bailleur.example> a écrit :\n\n{QUOTED}",
    "la poste": "Envoyé depuis ma messagerie laposte.net\n\n> Message du 24/11/2026 10:02\n"
    f"> De : palier@bailleur.example\n> A : awa@tenant.example\n> Objet : x\n>\n{_marked()}",
    "la poste new": "De : Palier <palier@bailleur.example>\nDate : mardi 24 novembre 2026 10:02\n"
    f"À : awa@tenant.example\nObjet : Votre demande\n\n{QUOTED}",
    "bouygues": "-------- Message original --------\nDe : Palier <palier@bailleur.example>\n"
    f"Date : 24/11/2026 10:02 (GMT+01:00)\nÀ : awa@tenant.example\nObjet : x\n\n{QUOTED}",
    "samsung fr": "Envoyé depuis mon appareil Galaxy\n\n-------- Message d'origine --------\n"
    f"De : Palier <palier@bailleur.example>\nDate : 24/11/2026 10:02\nÀ : awa\nObjet : x\n\n{QUOTED}",
    "samsung older": "Envoyé de mon smartphone Samsung Galaxy.\n-------- Message d'origine --------\n"
    f"De : Palier\nDate : x\nÀ : awa\n\n{QUOTED}",
    "proton fr": "Envoyé avec la messagerie sécurisée Proton Mail.\n\n"
    f"Le mardi 24 novembre 2026 à 10:02, Palier <palier@bailleur.example> a écrit :\n\n{_marked()}",
    "huawei": f"Le 24 nov. 2026 10:02, Palier <palier@bailleur.example> a écrit :\n\n{QUOTED}",
    "bluemail": f"Envoyé depuis BlueMail pour Android\n\nLe 24 nov. 2026, à 10:02, Palier <palier@bailleur.example> a écrit:\n\n{_marked()}",
    "signature rule": "-- \nAwa Traoré\n06 39 98 12 34",
    "avast": "Garanti sans virus. www.avast.com",
    "marks only": _marked(),
    "wrote in spanish": f"El mar, 24 nov 2026 a las 10:02, Palier (<palier@bailleur.example>) escribió:\n\n{_marked()}",
}
ANSWERS = [
    SAID,
    "Oui, c'est réglé. Merci !",
    "Non.\n\nDe l'eau coule encore :\n- dans la cuisine\n- dans l'entrée",
    "Le plombier a dit qu'il reviendrait à 10 h. Il n'est pas venu.",
]


def quote_cases() -> list[Case]:
    cases = []
    for name, tail in CLIENTS.items():
        for number, answer in enumerate(ANSWERS):
            raw = mail(f"{answer}\n\n{tail}\n", encoding="quoted-printable")
            cases.append(Case(f"{name} {number}", raw, {"text": answer}))
    keep = "Le plombier est venu à 10 h.\nDe : rien du tout.\nIl a écrit : merci."
    cases += [
        Case("nothing to fold", mail(keep), {"text": keep, "folded": ""}),
        Case("only a quote: all is kept", mail(_marked()), {"text": _marked(), "folded": ""}),
        Case("only a signature", mail("Envoyé de mon iPhone"), {"text": "Envoyé de mon iPhone"}),
        Case(
            "answer below the quote",
            mail(f"Le 24/11/2026 à 10:02, Palier a écrit :\n{_marked()}\n\n{SAID}"),
            {"text": SAID},
        ),
        Case(
            "answers in between stay with their questions",
            mail("Le 24/11/2026 à 10:02, Palier a écrit :\n> Un ?\nOui\n> Deux ?\nNon"),
            {"folded": ""},
        ),
        Case(
            "forward without a word",
            mail("---------- Forwarded message ---------\nFrom: x\nDate: y\nSubject: z\n\ntexte"),
            {"folded": ""},
        ),
        Case("empty", mail(""), {"text": ""}),
    ]
    return cases


# 13 · HTML ---------------------------------------------------------------------------------------
def html_cases() -> list[Case]:
    def page(body: str, **more) -> bytes:
        return mail(f"<html><body>{body}</body></html>", "text/html; charset=utf-8", **more)

    harmless = {
        "script": "<p>Bon</p><script>alert(1)</script>",
        "style": "<style>p{background:url(http://spy.example)}</style><p>Bon</p>",
        "image": "<p>Bon</p><img src='http://spy.example/x.gif'>",
        "onclick": "<p onclick='x()'>Bon</p>",
        "javascript link": "<a href='javascript:x()'>Bon</a>",
        "data link": "<a href='data:text/html,x'>Bon</a>",
        "iframe": "<iframe src='http://spy.example'></iframe><p>Bon</p>",
        "svg": "<svg><script>x()</script></svg><p>Bon</p>",
        "htmx": "<p hx-get='/x' data-x='y'>Bon</p>",
        "form": "<form action='http://spy.example'><input name=x></form><p>Bon</p>",
        "meta refresh": "<meta http-equiv=refresh content='0;url=http://spy.example'><p>Bon</p>",
        "conditional": "<!--[if mso]><script>x()</script><![endif]--><p>Bon</p>",
        "broken": "<p><b>Bon<i></p></b",
        "math": "<math><mtext><script>x()</script></mtext></math><p>Bon</p>",
        "styled": "<p style='position:fixed'>Bon</p>",
        "base": "<base href='http://spy.example'><p>Bon</p>",
        "link": "<link rel=stylesheet href='http://spy.example'><p>Bon</p>",
        "object": "<object data='http://spy.example'></object><p>Bon</p>",
        "template": "<template><script>x()</script></template><p>Bon</p>",
        "noscript": "<noscript><p title='</noscript><img src=x onerror=x()>'></noscript><p>Bon</p>",
    }
    cases = [
        Case(f"html {name}", page(body), {"text": "Bon"} if name != "noscript" else {})
        for name, body in harmless.items()
    ]
    gmail = (
        f"<div dir=ltr>{SAID}</div><br><div class=gmail_quote><div>Le mar. 24 nov. 2026 à 10:02, "
        "Palier &lt;palier@bailleur.example&gt; a écrit :<br></div><blockquote><p>Est-ce réglé ?</p>"
        "</blockquote></div>"
    )
    outlook = (
        f"<div class=WordSection1><p>{SAID}</p><div style='border-top:solid'><p><b>De&nbsp;:</b> Palier<br>"
        "<b>Envoyé&nbsp;:</b> mardi 24 novembre 2026<br><b>À&nbsp;:</b> Awa<br><b>Objet&nbsp;:</b> x</p>"
        "</div><p>Est-ce réglé ?</p></div>"
    )
    apple = (
        f"{SAID}<br><br><div>Envoyé de mon iPhone</div><div><br><blockquote type=cite>Le 24 nov. 2026 à "
        "10:02, Palier a écrit :<br><br></blockquote></div><blockquote>Est-ce réglé ?</blockquote>"
    )
    cases += [
        Case("html gmail", page(gmail), {"text": SAID}),
        Case("html outlook", page(outlook), {"text": SAID}),
        Case("html apple", page(apple), {"text": SAID}),
        Case("html list", page("<ul><li>Un</li><li>Deux</li></ul>"), {"text": "- Un\n- Deux"}),
        Case(
            "html entities",
            page("L&#39;&eacute;vier &amp; l&#x2019;eau"),
            {"text": "L'évier & l’eau"},
        ),
        Case(
            "alternative",
            parts(
                TEXT, part("Content-Type: text/html; charset=utf-8", "<b>x</b>"), kind="alternative"
            ),
            {"text": SAID},
        ),
        Case(
            "alternative with an empty plain part",
            parts(
                part("Content-Type: text/plain", " \n"),
                part("Content-Type: text/html; charset=utf-8", f"<p>{SAID}</p>"),
                kind="alternative",
            ),
            {"text": SAID},
        ),
        Case(
            "alternative with a stub",
            parts(
                part("Content-Type: text/plain", "This message is in HTML."),
                part("Content-Type: text/html; charset=utf-8", f"<p>{SAID}</p>"),
                kind="alternative",
            ),
            {"text": SAID},
        ),
    ]
    return cases


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
        "hard",
        "Remise impossible",
        "<awa@tenant.example>: 550 5.1.1 utilisateur inconnu",
    ),
    "unknown fr": ("hard", "Message non distribué", "L'adresse awa@tenant.example n'existe pas."),
    "not found fr": ("hard", "Échec de la remise", "Destinataire introuvable : awa@tenant.example"),
    "qmail": (
        "hard",
        "failure notice",
        "<awa@tenant.example>:\nSorry, no mailbox here by that name. 550 unknown user",
    ),
    "exim": (
        "hard",
        "Mail delivery failed: returning message to sender",
        "awa@tenant.example\n  550 No such user here",
    ),
    "gmail": (
        "hard",
        "Delivery Status Notification (Failure)",
        "Adresse introuvable. Votre message n'est pas parvenu à awa@tenant.example",
    ),
    "full fr": (
        "soft",
        "Message non remis",
        "La boîte de réception est pleine : awa@tenant.example",
    ),
    "full en": ("soft", "Undeliverable", "mailbox is full awa@tenant.example"),
    "greylisted": (
        "soft",
        "Delivery delayed",
        "awa@tenant.example: 451 4.7.1 greylisted, try again later",
    ),
    "quota": ("soft", "Returned mail", "awa@tenant.example 452 over quota"),
    "closed account": (
        "hard",
        "Undelivered Mail Returned to Sender",
        "awa@tenant.example: compte désactivé",
    ),
}


def bounce_cases(ours: str = "<x@palier.invalid>") -> list[Case]:
    rows = [
        ("failed", "5.1.1", "550 user unknown", "hard"),
        ("failed", "5.0.0", "550 rejected", "hard"),
        ("failed", "5.2.2", "552 mailbox full", "soft"),
        ("failed", "4.4.1", "connection timed out", "soft"),
        ("delayed", "4.4.7", "will retry", "delayed"),
        ("Failed", "5.7.1", "550 blocked", "hard"),
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


# 1, 10 · hostile --------------------------------------------------------------------------------------
def hostile_cases() -> list[Case]:
    nest = b"".join(
        b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (n, n + 1) for n in range(2_000)
    )
    rows = {
        "empty": b"",
        "one byte": b"\xff",
        "nothing but zeros": b"\0" * 5_000,
        "no header": b"\r\n\r\nbonjour",
        "headers only": b"From: a@b.example\r\nSubject: x",
        "two thousand levels": mail(nest, "multipart/mixed; boundary=b0"),
        "forwarded a thousand times": b"Content-Type: message/rfc822\n\n" * 1_000 + b"x",
        "fifty thousand parts": mail(b"--b\n\nx\n" * 50_000, "multipart/mixed; boundary=b"),
        "its own boundary inside": mail(
            b"--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--",
            "multipart/mixed; boundary=b",
        ),
        "empty boundary": mail(b"--\n\nx", 'multipart/mixed; boundary=""'),
        "a header of a megabyte": mail(Subject="x" * 1_000_000),
        "a hundred thousand headers": b"X: y\n" * 100_000 + b"\nbonjour",
        "parameters without end": mail(SAID, "text/plain; " + ';"' * 100_000),
        "parentheses without end": mail(From="(" * 50_000),
        "a hundred thousand recipients": mail(To="a@b.example, " * 50_000),
        "encoded words without end": mail(Subject="=?utf-8?q?a?= " * 20_000),
        "ten thousand links": mail("<a href='http://x.example'>x</a>" * 10_000, "text/html"),
        "deep html": mail("<div>" * 50_000, "text/html"),
        "bold html": mail("<b>" * 50_000, "text/html"),
        "nested tables": mail("<table><tr><td>" * 20_000, "text/html"),
        "open brackets": mail("<" * 200_000, "text/html"),
        "comments": mail("<!--" * 50_000, "text/html"),
        "entities": mail("&lt;" * 100_000, "text/html"),
        "quotes without end": mail("> > > >\n" * 50_000),
        "openings without end": mail("Le 24 nov a dit\n" * 20_000),
        "labels without end": mail("De : x\n" * 20_000),
        "a line of five megabytes": mail(b"x" * 5_000_000),
        "rfc 2231 that contradicts itself": parts(
            TEXT,
            part(
                "Content-Type: image/png\nContent-Disposition: attachment; filename*=x; filename*0*=utf-8''a; filename*x*=b"
            ),
        ),
        "null in the sender": mail(From="a\0b@c.example"),
        "a bad character set name": mail(SAID, 'text/plain; charset="utf-8\0\r\n x"'),
        "uuencode": mail("begin 644 x\n#0V%T\n`\nend\n", Content_Transfer_Encoding="x-uuencode"),
        "a lone surrogate": mail(b"\xed\xa0\x80", "text/plain; charset=utf-8"),
    }
    return [Case(f"hostile {name}", raw) for name, raw in rows.items()]


def all_cases() -> list[Case]:
    return [
        *charset_cases(),
        *quote_cases(),
        *html_cases(),
        *file_cases(),
        *robot_cases(),
        *bounce_cases(),
        *trust_cases(),
        *hostile_cases(),
    ]
