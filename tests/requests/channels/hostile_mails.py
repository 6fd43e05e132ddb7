"""Mails written to break a reader."""

# ruff: noqa: E501 - lines are as the programs of people write them

from tests.requests.channels.mail_bodies import SAID, TEXT, Case, mail, part, parts


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
