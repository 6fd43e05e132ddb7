"""Mails that programs write: character sets, quotes, HTML; and how the corpus builds one."""

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
