"""Bodies that are not what their headers say, or of a kind that few programs write."""

from tests.requests.channels.mail_bodies import SAID, Case, mail


def odd_body_cases() -> list[Case]:
    cases = []
    clear = {
        "one word": "Bonjour",
        "one line": "Fuite au 3e",
        "lines": "Bonjour,\nil y a une fuite au 3e étage.\n\nMerci",
        "a word a line": "Bonjour\nMerci",
        "long words only": "Fuite/Appartement",
    }
    for name, text in clear.items():
        raw = mail(text, Content_Transfer_Encoding="base64")
        cases.append(Case(f"in clear though called base64: {name}", raw, {"text": text}))
    footer = mail(SAID, encoding="base64") + b"\r\n-- \r\nVotre liste de voisins\r\n"
    cases += [
        Case("base64 of one word", mail("Fuite", encoding="base64"), {"text": "Fuite"}),
        Case("base64 of accents", mail("é" * 40, encoding="base64"), {"text": "é" * 40}),
        Case("base64 with a footer in clear", footer, {}),
        Case(
            "enriched",
            mail(
                "<bold>Bonjour</bold>,\n\nil y a <color><param>red</param>une fuite</color>\n"
                "au <<3e>\n\n\nMerci",
                "text/enriched; charset=utf-8",
            ),
            {"text": "Bonjour,\nil y a une fuite au <3e>\n\nMerci"},
        ),
    ]
    return cases
