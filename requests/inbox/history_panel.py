"""What happened to a claim, on its page."""

from requests.claims.panels import ClaimPage, Panel
from requests.labels import queries as labels


def history(page: ClaimPage) -> dict:
    """Return the events of the claim."""
    labels.named(page.claim, page.events)
    return {"events": page.events}


HISTORY = Panel("history", "requests/inbox/_history.html", history)
