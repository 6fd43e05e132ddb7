"""How rules do: what people kept of their decisions, and what they correct again and again."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.kit.disclosure import SMALL
from requests.routing.decision_models import RoutingDecision

OFTEN = 3


def kept_shares(keys: Iterable[str]) -> dict[str, dict]:
    """Per rule: claims it sent, and how many people handed on. Shares only from ten on."""
    moved = ClaimEvent.objects.filter(claim=OuterRef("claim"), name=Event.HAND_OVER)
    rows = (
        RoutingDecision.objects.filter(rule__in=list(keys))
        .values("rule")
        .annotate(sent=Count("pk"), changed=Count("pk", filter=Exists(moved)))
    )
    return {
        row["rule"]: {
            "sent": row["sent"],
            "changed": row["changed"],
            "share": _share(row["sent"] - row["changed"], row["sent"]),
        }
        for row in rows
    }


def proposal_shares(keys: Iterable[str]) -> dict[str, dict]:
    """Per rule that proposes: how often people decided on it, accepted, or chose otherwise."""
    rows = (
        ClaimEvent.objects.filter(facts__proposed__rule__in=list(keys))
        .annotate(rule=KeyTextTransform("rule", KeyTransform("proposed", "facts")))
        .order_by()
        .values("rule")
        .annotate(decided=Count("pk"), accepted=Count("pk", filter=Q(facts__proposed__kept=True)))
    )
    return {
        row["rule"]: {
            "decided": row["decided"],
            "accepted": row["accepted"],
            "changed": row["decided"] - row["accepted"],
            "share": _share(row["accepted"], row["decided"]),
        }
        for row in rows
    }


def _share(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole >= SMALL else None


def corrections(membership, words: dict) -> list[dict]:
    """Subjects that people of the agency handed to the same desk at least three times.

    Each carries the query of a composed rule that would have sent them there at once.
    """
    rows = (
        Claim.objects.visible_to(membership)
        .filter(
            Q(residence__unit=membership.unit_id),
            events__name=Event.HAND_OVER,
            owner__unit=membership.unit_id,
        )
        .order_by()
        .values("category__code", "owner__kind")
        .annotate(number=Count("pk", distinct=True))
        .filter(number__gte=OFTEN)
        .order_by("-number", "category__code")[:5]
    )
    found = []
    for row in rows:
        subject = words["category"].get(row["category__code"], row["category__code"])
        outcome = f"agency:{row['owner__kind']}"
        found.append(
            {
                "code": row["category__code"],
                "number": row["number"],
                "subject": subject,
                "goal": words["outcome"].get(outcome, outcome),
                "query": urlencode(
                    {"category": row["category__code"], "outcome": outcome, "name": str(subject)}
                ),
            }
        )
    return found
