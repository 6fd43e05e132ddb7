"""Figures of rules: how many decisions people left unchanged, and repeated corrections."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from agencies.models import Membership
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.kit.disclosure import SMALL
from requests.routing.decision_models import RoutingDecision

OFTEN = 3


def unchanged_shares(keys: Iterable[str]) -> dict[str, dict[str, int | None]]:
    """Return by rule the claims that it routed and how many were handed over afterwards.

    ``share`` is the unchanged part in per cent, None below ``SMALL`` claims.
    """
    moved = ClaimEvent.objects.of(claim=OuterRef("claim")).filter(name=Event.HAND_OVER)
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


def proposal_shares(keys: Iterable[str]) -> dict[str, dict[str, int | None]]:
    """Return by rule how many of its proposals people decided on, accepted and changed.

    ``share`` is the accepted part in per cent, None below ``SMALL`` decisions.
    """
    rows = (
        ClaimEvent.objects.system("figures of rules")
        .filter(facts__proposed__rule__in=list(keys))
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
    """Return the part in per cent, or None when ``whole`` is too small to publish."""
    return round(100 * part / whole) if whole >= SMALL else None


def corrections(membership: Membership, words: dict[str, dict[Any, Any]]) -> list[dict[str, Any]]:
    """Return the subjects that the agency handed over to the same desk at least ``OFTEN`` times.

    Each has the query string of a new rule that would route them there at once.
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
