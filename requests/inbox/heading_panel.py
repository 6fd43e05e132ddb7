"""The head of a claim's page: what, where it stands, what was promised, what it was merged with."""

from agencies.models import Membership
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.panels import ClaimPage, Panel
from requests.dangers.lists import is_danger
from requests.inbox.context_panel import guess_of
from requests.kit.choices import CALENDAR_URGENCIES, ENDED, State
from requests.routing.panel import decision_of


def _merged(claim: Claim, membership: Membership) -> list[dict]:
    """Return the request that this one was merged into, and those that were merged into it."""
    seen = Claim.objects.visible_to(membership)
    rows = []
    event = claim.events.filter(name=Event.MERGE).last() if claim.state == State.MERGED else None
    if event:
        rows += [{"claim": c, "goes_on": True} for c in seen.filter(pk=event.facts["into"])]
    here = (
        ClaimEvent.objects.system("merges into a visible claim")
        .filter(name=Event.MERGE, facts__into=str(claim.pk))
        .values("claim")
    )
    rows += [{"claim": c, "goes_on": False} for c in seen.filter(pk__in=here, state=State.MERGED)]
    return rows


def heading(page: ClaimPage) -> dict:
    """Return how urgent and late the claim is, its decision, and its merges."""
    claim = page.claim
    return {
        "urgent": claim.urgency in CALENDAR_URGENCIES and claim.state not in ENDED,
        "late": claim.state not in ENDED
        and claim.promise_at is not None
        and claim.promise_at < page.moment,
        "in_danger": is_danger(claim),
        "guess": guess_of(page),
        "decision": decision_of(page),
        "merged": _merged(claim, page.membership),
    }


HEADING = Panel("heading", "requests/inbox/_heading.html", heading)
