"""What an unsorted claim may be about, on its page."""

from django.conf import settings

from requests.claims import workflow
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.panels import ClaimPage, Panel
from requests.suggestions import actions as suggestions


def advice_for(claim: Claim) -> suggestions.Advice | None:
    """Return what the words of a claim that nobody has sorted may be about; None for others."""
    if claim.category.code != settings.PALIER_UNSORTED_CATEGORY:
        return None
    return suggestions.suggest(claim.words)


def advice(page: ClaimPage) -> dict | None:
    """Return the advice to somebody who may change the category."""
    if Event.RECLASSIFY not in workflow.allowed(page.claim.state, page.membership.role):
        return None
    found = advice_for(page.claim)
    return {"advice": found} if found else None


ADVICE = Panel("advice", "requests/suggestions/_advice.html", advice)
