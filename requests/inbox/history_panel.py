"""What happened to a claim, on its page."""

from requests.claims.panels import ClaimPage, Panel


def history(page: ClaimPage) -> dict:
    """Return the events of the claim."""
    return {"events": page.events}


HISTORY = Panel("history", "requests/inbox/_history.html", history)
