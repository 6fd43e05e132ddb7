"""The rows of the built-in rules that propose, and the past claims that each concerns.

Whoever migrates writes the rows that are missing (``requests/apps.py``). A row can be read,
narrowed by conditions, switched off here or everywhere, and rehearsed.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation

from requests.claims.events import Event
from requests.routing.house_proposals import HOUSE, HOUSE_RULES
from requests.routing.models import Rule, RuleVersion

FIRST_POSITION = 10_000  # after every rule that a person writes
NAMESPACE = UUID("3d0f3c52-5f1b-4b0e-9a77-6a7c3f0f1e2b")
# For the rehearsal: the past claims on which the rule had an occasion.
_OURS = ~Q(category__responsible__in=["tenant", "third_party"])
_REPAIR = Q(category__urgency__startswith="U")
CONCERNED: Mapping[str, Q] = {
    "new": Q(),
    "own_upkeep": Q(category__responsible="tenant"),
    "danger": Q(urgency__in=["U0", "U1"]),
    "visit": _OURS & _REPAIR & ~Q(urgency__in=["U0", "U1"]) & Q(orders=None),
    "remind": Q(events__name=Event.ASK),
    "visit_over": Q(events__name=Event.PLAN, orders=None),
    "late": Q(events__name=Event.LATE),
    "close": Q(events__name=Event.CALLED),
    "call": Q(events__name__in=[Event.REPORT_DONE, Event.ANSWER]),
}


def row_key(name: str) -> UUID:
    """Return the key of the row of a built-in rule, the same at every landlord."""
    return uuid5(NAMESPACE, name)


def is_built_in(rule: Rule) -> bool:
    """Return whether a row was written with the product, and not by a person."""
    return rule.position >= FIRST_POSITION


def write_missing_rows(using: str = "default") -> int:
    """Write the rows that are missing, switched on; return how many. Existing rows stay as set."""
    known = set(Rule.objects.using(using).values_list("pk", flat=True))
    made = 0
    with translation.override(settings.LANGUAGE_CODE):
        for place, (name, label) in enumerate(HOUSE_RULES.items()):
            if row_key(name) in known:
                continue
            content: dict[str, Any] = {
                "name": str(label),
                "conditions": {},
                "outcome": {"propose": HOUSE, "with": name},
                "active": True,
                "version": 1,
            }
            row = Rule.objects.using(using).create(
                pk=row_key(name), position=FIRST_POSITION + place, **content
            )
            RuleVersion.objects.using(using).create(rule=row, at=timezone.now(), **content)
            made += 1
    return made
