"""Take a person out of what is written once and never changed: events, and who looked.

The only place that changes such rows. Dates, states, codes and numbers stay, so that every figure
computed from events stays true (docs/adr/0032-data-protection.md).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from requests.channels.models import IntakeView
from requests.claims.event_models import ClaimEvent
from requests.kit.choices import CallOutcome, RefusalReason
from requests.work_orders.models import AccessView, OrderEvent

# Keys of an event's facts whose values are dates, numbers, codes or ids of rows that stay.
KEPT_FACTS = frozenset(
    [
        "accepted",
        "amount",
        "answer_due",
        "asked_at",
        "attempts",
        "category",
        "complaint",
        "decision",
        "desk",
        "due",
        "ended_at",
        "escalated",
        "equipment",
        "incident",
        "into",
        "kind",
        "level",
        "message",
        "missed",
        "new_date",
        "number",
        "order",
        "previous",
        "promise_at",
        "proposed",
        "reopened",
        "rule",
        "same_as",
        "score",
        "sent_anyway",
        "step",
        "turn",
        "until",
        "urgency",
        "usual_urgency",
        "visit_at",
        "visit_until",
    ]
)


def facts_without_words(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts that name nobody and quote nobody."""
    kept = {key: _without_words(value) for key, value in facts.items() if key in KEPT_FACTS}
    for name, known in (("reason", RefusalReason.values), ("outcome", CallOutcome.values)):
        if facts.get(name) in known:
            kept[name] = facts[name]
    return kept


def _without_words(value: Any) -> Any:
    """Return dates, numbers, codes and ids; None instead of a text with a space in it."""
    if isinstance(value, dict):
        return {key: _without_words(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_words(inner) for inner in value]
    return None if isinstance(value, str) and " " in value.strip() else value


def erase_events(*, claims: Collection[UUID] = (), user: UUID | None = None) -> None:
    """Empty the events of ``claims`` of words, and all events and views of the account ``user``."""
    for events in (
        ClaimEvent.everything.filter(claim__in=claims),
        OrderEvent.objects.filter(order__claim__in=claims),
    ):
        changed: list[Any] = []
        for event in events.iterator():
            event.facts = facts_without_words(event.facts)
            if hasattr(event, "before"):
                event.before = {}
            changed.append(event)
        names = ["facts", "before"] if events.model is ClaimEvent else ["facts"]
        events.model._default_manager.bulk_update(changed, names, batch_size=500)
    if user:
        ClaimEvent.everything.filter(actor=user).update(actor=None)
        OrderEvent.objects.filter(actor=user).update(actor=None)
        IntakeView.objects.filter(actor=user).update(actor=None)
        AccessView.objects.filter(actor=user).update(actor=None)


def erase_views(*, model: type, keys: Collection[int], before: datetime) -> int:
    """Delete rows that say who looked at what, older than ``before``; return how many."""
    return model._default_manager.filter(pk__in=keys, at__lt=before).delete()[0]
