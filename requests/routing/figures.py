"""Figures of rules: how many decisions people left unchanged, and repeated corrections."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Sum

from agencies.models import Membership
from requests.claims.models import Claim
from requests.kit.disclosure import SMALL
from requests.routing.models import RuleCount

OFTEN = 3
LATELY = 300


@dataclass(frozen=True)
class WhatItDid:
    """What a rule did since it exists: requests sent, and proposals decided on.

    ``kept`` and ``accepted`` are None where there is nothing to tell. ``share`` is the unchanged
    part in per cent, None below ``SMALL``.
    """

    kept: dict[str, int | None] | None
    accepted: dict[str, int | None] | None


def what_rules_did(keys: Iterable[str]) -> dict[str, WhatItDid]:
    """Return by rule how many claims it routed and how many of them were handed over afterwards.

    And how many of its proposals people decided on, accepted and changed. From the counts that
    triggers keep (``RuleCount``); a rule that did nothing is not among them.
    """
    names = ("sent", "changed", "decided", "accepted")
    rows = (
        RuleCount.objects.filter(rule__in=list(keys))
        .order_by()
        .values_list("rule")
        .annotate(**{f"all_{name}": Sum(name) for name in names})
    )
    return {rule: _told(*numbers) for rule, *numbers in rows}


def _told(sent: int, changed: int, decided: int, accepted: int) -> WhatItDid:
    return WhatItDid(
        {"sent": sent, "changed": changed, "share": _share(sent - changed, sent)} if sent else None,
        {
            "decided": decided,
            "accepted": accepted,
            "changed": decided - accepted,
            "share": _share(accepted, decided),
        }
        if decided
        else None,
    )


def _share(part: int, whole: int) -> int | None:
    """Return the part in per cent, or None when ``whole`` is too small to publish."""
    return round(100 * part / whole) if whole >= SMALL else None


def corrections(membership: Membership, words: dict[str, dict[Any, Any]]) -> list[dict[str, Any]]:
    """Return the subjects that the agency handed over to the same desk at least ``OFTEN`` times.

    Among the ``LATELY`` claims of its stock that it handed over last: an index holds them. Each has
    the query string of a new rule that would route them there at once.
    """
    # `unit` is the owner's where there is one, `beside` where the residence is another's.
    last = (
        Claim.objects.visible_to(membership)
        .filter(
            unit=membership.unit_id,
            beside__isnull=True,
            owner__isnull=False,
            residence__isnull=False,
            handed_over_at__isnull=False,
        )
        .order_by("-handed_over_at")
        .values("category__code", "owner__kind")[:LATELY]
    )
    numbers = Counter((row["category__code"], row["owner__kind"]) for row in last)
    often = [(number, *what) for what, number in numbers.items() if number >= OFTEN]
    often.sort(key=lambda row: (-row[0], row[1:]))
    rows = [
        {"number": number, "category__code": code, "owner__kind": kind}
        for number, code, kind in often[:5]
    ]
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
