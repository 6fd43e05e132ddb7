"""The letters on the page of a claim."""

from requests.claims.panels import ClaimPage, Panel
from requests.letters.actions import of_claim


def letters(page: ClaimPage) -> dict | None:
    """Return the letters of the claim; None when there is none."""
    found = of_claim(page.claim)
    return {"letters": found} if found else None


LETTERS = Panel("letters", "requests/letters/_panel.html", letters)
