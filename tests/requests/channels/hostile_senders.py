"""From lines written to pass for somebody else, lines that are merely odd, and odd subjects.

Of each hostile line: our own mail server honestly vouched for the domain, the attacker's and the
victim's alike, as at any large provider. It may be read as the attacker's or not at all; it is
never the victim's and proven, and never an address that nobody wrote.
"""

# ruff: noqa: E501 - lines are as attackers and programs write them

import base64

from tests.requests.channels.mail_bodies import Case, mail

VICTIM, ATTACKER = "victim@free.example", "attacker@free.example"
OURS = "mx.bailleur.example"
PASSED = f"{OURS}; dmarc=pass header.from=free.example"


def word(text: str, how: str = "B", charset: str = "utf-8") -> str:
    data = text.encode(charset)
    body = (
        base64.b64encode(data).decode() if how == "B" else "".join(f"={byte:02X}" for byte in data)
    )
    return f"=?{charset}?{how}?{body}?="


HOSTILE: tuple[bytes | str, ...] = (
    f"=?utf-8?Q?victim=40free=2Eexample_=28?= <{ATTACKER}>",
    f"{word(VICTIM + ' (')} <{ATTACKER}>",
    f"{word('<' + VICTIM + '>')} <{ATTACKER}>",
    f"{word(VICTIM + ',')} <{ATTACKER}>",
    f"{word(VICTIM + ' ' + chr(34))} <{ATTACKER}>",
    f'"{word(VICTIM + " (")}" <{ATTACKER}>',
    f"{word(VICTIM, 'Q')} <{ATTACKER}>",
    f"{word(VICTIM + ';')} <{ATTACKER}>",
    f"{word(chr(10) + 'From: ' + VICTIM)} <{ATTACKER}>",
    f"{word(VICTIM + chr(0))} <{ATTACKER}>",
    f"{word(VICTIM, 'B', 'utf-16')} <{ATTACKER}>",
    f"=?utf-7?Q?victim+AEA-free.example_+ACg-?= <{ATTACKER}>",
    f"=?utf-8*fr?Q?victim=40free=2Eexample?= <{ATTACKER}>",
    f"=?utf-8?Q?victim=40?= =?utf-8?Q?free=2Eexample_=3C?= <{ATTACKER}>",
    f"=?utf-8?Q?victim=40free=2Eexample?=\r\n =?utf-8?Q?_=28?= <{ATTACKER}>",
    f"=?utf-8?Q?victim=40free.example <{ATTACKER}>",
    f"{VICTIM} <{ATTACKER}>",
    f"({VICTIM}) <{ATTACKER}>",
    f"(((({VICTIM})))) <{ATTACKER}>",
    f"({VICTIM}\\) <{ATTACKER}>",
    f'"{VICTIM}" <{ATTACKER}>',
    f'"V <{VICTIM}>" <{ATTACKER}>',
    f'"\\"{VICTIM}" <{ATTACKER}>',
    f'"V <{VICTIM}> <{ATTACKER}>',
    f"<{VICTIM}> <{ATTACKER}>",
    f"<{ATTACKER}> <{VICTIM}>",
    f"V <{VICTIM}> {ATTACKER}",
    f"{ATTACKER} {VICTIM}",
    f"<{VICTIM}@{ATTACKER}>",
    f'<"{VICTIM}"@evil.example>',
    f"<@evil.example:{ATTACKER}> ({VICTIM})",
    f"V ({VICTIM} <{ATTACKER}>",
    f"<{VICTIM}\0{ATTACKER}>",
    f"<victim\u200b@free.example> <{ATTACKER}>",
    f"\u202e{VICTIM}\u202c <{ATTACKER}>",
    f"<{ATTACKER}>,",
    f"undisclosed: {VICTIM}; <{ATTACKER}>",
    f"victim@free.example é <{ATTACKER}>".encode("latin-1"),
    b"\xff\xfe" + f"{VICTIM} <{ATTACKER}>".encode(),
    f"V =?utf-8?B?{base64.b64encode(b'<' + VICTIM.encode() + b'>').decode()}?=\r\n\t<{ATTACKER}>",
    f"<{ATTACKER}>\r\nFrom: <{VICTIM}>",
    f"<{ATTACKER}>\rFrom: <{VICTIM}>",
    f"{'x' * 5_000} <{VICTIM}>",
    f"<vic tim@free.example> {'(' * 300}",
)


def with_from(line: bytes | str, results: str = PASSED) -> bytes:
    """One mail whose From line is written to the byte."""
    line = line.encode() if isinstance(line, str) else line
    head, _, rest = mail(Authentication_Results=results).partition(b"From: ")
    return head + b"From: " + line + b"\r\n" + rest.partition(b"\r\n")[2]


ODD = {
    # Line: the address it names, and whether our server's verdict counts.
    "Marie Dupont marie@free.example": ("marie@free.example", False),
    "marie@free.example Marie Dupont": ("marie@free.example", False),
    "Marie <marie@free.example": ("marie@free.example", False),
    "marie@free.example>": ("marie@free.example", False),
    "<@relay.example:marie@free.example>": ("marie@free.example", False),
    '"Dupont, Marie" <marie@free.example>': ("marie@free.example", True),
    "Dupont, Marie <marie@free.example>": ("marie@free.example", True),
    "marie@free.example (Marie (Dupont))": ("marie@free.example", True),
    "Marie . Dupont <marie@free.example>": ("marie@free.example", True),
    "MARIE <MARIE@FREE.EXAMPLE>": ("marie@free.example", True),
    "=?iso-8859-1?Q?Ren=E9e?= <marie@free.example>": ("marie@free.example", True),
    "=?x-unknown?Q?Ren=E9e?= <marie@free.example>": ("marie@free.example", True),
    "=?utf-8?B?UmVuw6ll <marie@free.example>": ("marie@free.example", True),
    "<marie@free.example.>": ("marie@free.example", True),
    "<marie+appartement@free.example>": ("marie+appartement@free.example", True),
    "<marie..d@free.example>": ("marie..d@free.example", True),
    "<o'brien@free.example>": ("o'brien@free.example", True),
    "Renée <renée@free.example>": ("renée@free.example", True),
    "": ("", False),
    "<>": ("", False),
    "Marie Dupont": ("", False),
    "Marie <marie>": ("", False),
    "marie@": ("", False),
    "@free.example": ("", False),
}
SUBJECTS = {
    "=?utf-8?Q?Fuite_d=27eau?=": "Fuite d'eau",
    "=?UTF-8?B?RnVpdGUgZOKAmWVhdQ==?=": "Fuite d’eau",
    "=?utf-8?B?RnVpdGUgw6k=?=": "Fuite é",
    "=?utf-8?B?RnVpdGUgw6k?=": "Fuite é",
    "=?utf-8?B?RnVpdGUgw6k": "Fuite é",
    "=?utf-8?Q?Fuite_=C3?= =?utf-8?Q?=A9t=C3=A9?=": "Fuite été",
    "=?utf-8?B?w6l0?=\r\n =?utf-8?B?w6k=?=": "été",
    "=?iso-8859-1?Q?=E9t=E9?= =?iso-8859-1?Q?_chaud?=": "été chaud",
    "=?iso-8859-15?Q?10_=A4?=": "10 €",
    "=?windows-1252?Q?10_=80?=": "10 €",
    "=?utf-8?Q?a?= =?iso-8859-1?Q?=E9?=": "aé",
    "Re: =?utf-8?Q?=C3=A9t=C3=A9?= (suite)": "Re: été (suite)",
    "=?utf-8?Q?a?=b": "ab",
    "a=?utf-8?Q?b?=c": "abc",
    "=?utf-8?Q?Fuite ?=": "Fuite",
    "=?utf-8?Q?Fuite au 3e?=": "Fuite au 3e",
    "=?utf-8?Q?Qui?Quand??=": "Qui?Quand?",
    "=?utf-8?q?=3D?=": "=",
    "=?utf-8*fr?Q?=C3=A9?=": "é",
    "=?x-inconnu?Q?=C3=A9?=": "é",
    "=?iso-2022-jp?B?GyRCP2UbKEI=?=": "水",
    "=?shift_jis?B?kIU=?=": "水",
    "=?gb2312?B?y64=?=": "水",
    "  Fuite\r\n\t au 3e  ": "Fuite au 3e",
    "Fuite\tau 3e": "Fuite au 3e",
    "=?utf-8?": "=?utf-8?",
    "Fuite d’eau": "Fuite d’eau",
    "": "",
}
BARE = {
    "latin-1": ("Fuite d'été".encode("latin-1"), "text/plain; charset=iso-8859-1", "Fuite d'été"),
    "utf-8": ("Fuite d'été".encode(), "text/plain; charset=utf-8", "Fuite d'été"),
    "utf-8 called latin-1": ("Été".encode(), "text/plain; charset=iso-8859-1", "Été"),
    "koi8-r": ("Вода".encode("koi8-r"), "text/plain; charset=koi8-r", "Вода"),
    "cp1251": ("Вода".encode("cp1251"), "text/plain; charset=windows-1251", "Вода"),
    "gb2312": ("水管漏水".encode("gb2312"), "text/plain; charset=gb2312", "水管漏水"),
    "shift_jis": ("水漏れ".encode("shift_jis"), "text/plain; charset=shift_jis", "水漏れ"),
    "iso-2022-jp": ("水漏れ".encode("iso-2022-jp"), "text/plain; charset=iso-2022-jp", "水漏れ"),
    "no charset": ("Été".encode("cp1252"), "text/plain", "Été"),
}


def sender_cases() -> list[Case]:
    cases = [Case(f"hostile From {n}", with_from(line)) for n, line in enumerate(HOSTILE)]
    for line, (address, proven) in ODD.items():
        want = {"sender": address, "auth": "pass" if proven else ""}
        cases.append(Case(f"odd From {line!r}", with_from(line), want))
    for line, read in SUBJECTS.items():
        raw = mail(Subject=line)
        cases.append(Case(f"subject {line!r}", raw, {"subject": read}))
    for name, (line, kind, read) in BARE.items():
        body = read.encode("utf-8") if "utf-8" in name else line
        raw = mail(body, kind).replace(b"Subject: Fuite", b"Subject: " + line)
        cases.append(Case(f"bare subject {name}", raw, {"subject": read}))
    return cases
