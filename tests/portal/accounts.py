"""Accounts that log in."""

import re

PASSWORD = "un mot de passe long"


def signed_in(client) -> bool:
    return client.get("/accessibility/").context["user"].is_authenticated


def code_of(message) -> str:
    return re.search(r"\b([A-Z0-9]{4,}(?:-[A-Z0-9]+)?)\b(?!@)", message.body)[1]
