"""The head of a claim's page: what, where it stands, what was promised, what it was merged with."""

from agencies.models import Membership
from portal.database.related_rows import kept
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.panels import ClaimPage, Panel
from requests.dangers.lists import is_danger
from requests.inbox.context_panel import guess_of
from requests.kit.choices import CALENDAR_URGENCIES, ENDED, State
from requests.routing.panel import decision_of


def _merged(claim: Claim, membership: Membership) -> list[dict]:
    """Return the request that this one was merged into, and those that were merged into it."""
    merges = [event for event in claim.events.all() if event.name == Event.MERGE]
    into = merges[-1].facts["into"] if merges and claim.state == State.MERGED else None
    here = [event.claim_id for event in kept(claim, "merged_here") or ()]
    keys = [*here, into] if into else here
    if not keys:
        return []
    seen = Claim.objects.visible_to(membership).filter(pk__in=keys)
    rows = [{"claim": c, "goes_on": str(c.pk) == into} for c in seen]
    rows = [row for row in rows if row["goes_on"] or row["claim"].state == State.MERGED]
    return sorted(rows, key=lambda row: not row["goes_on"])


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
