"""Take a person out of what is written once and never changed: events, and who looked.

The only place that changes such rows; each time it leaves a line in the audit trail. Dates,
states, codes and numbers stay, so that every figure computed from events stays true
(docs/adr/0034-data-protection.md).
"""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from portal.audit import erasure
from requests.audit.actions import erase_person_key
from requests.audit.models import EmergencyOpening, RecordView
from requests.audit.queries import family_of
from requests.channels.models import IntakeView
from requests.claims.event_models import ClaimEvent
from requests.kit.choices import CallOutcome, RefusalReason
from requests.work_orders.models import AccessView, OrderEvent
from tenants.models import PersonChange, Tenant

REASON, RETENTION = "erasure of personal data", "end of the retention"
# Keys of an event's facts whose values are dates, numbers, codes or ids of rows that stay.
KEPT_FACTS = frozenset(
    [
        "accepted",
        "amount",
        "answer_due",
        "asked_at",
        "attempts",
        "category",
        "cause",
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
        "promised",
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


@transaction.atomic
def erase_events(*, claims: Collection[UUID] = (), user: UUID | None = None) -> None:
    """Empty the events of ``claims`` of words, and all events and views of the account ``user``."""
    _empty_facts("claim_event", ClaimEvent.everything.filter(claim__in=claims))
    _empty_facts(
        "order_event", OrderEvent.objects.system("erasure").filter(order__claim__in=claims)
    )
    openings = EmergencyOpening.objects.system("erasure").filter(claim__in=claims)
    _redact("emergency", openings, {"reason": "—"})
    if user:
        _redact("claim_event", ClaimEvent.everything.filter(actor=user), {"actor_id": None})
        _redact(
            "order_event",
            OrderEvent.objects.system("erasure").filter(actor=user),
            {"actor_id": None},
        )
        _redact(
            "intake_view",
            IntakeView.objects.system("erasure").filter(actor=user),
            {"actor_id": None},
        )
        _redact(
            "access_view",
            AccessView.objects.system("erasure").filter(actor=user),
            {"actor_id": None},
        )


@transaction.atomic
def forget_person(tenant: Tenant) -> None:
    """Erase how the person's records changed, take them out of the log of who read them, and
    erase the person's keys."""
    changes = PersonChange.objects.system("erasure").filter(tenant__in=family_of(tenant))
    erase_changes(changes.values_list("pk", flat=True), reason=REASON)
    _redact("record_view", RecordView.objects.about(family_of(tenant)), {"tenant_id": None})
    erase_person_key(tenant=tenant, reason=REASON, by=None)


@transaction.atomic
def erase_views(*, code: str, keys: Collection[int]) -> int:
    """Delete rows of the audited source ``code`` that are older than their rule says."""
    return erasure.delete_rows(code, keys, reason=RETENTION, by=None)


@transaction.atomic
def erase_changes(keys: Iterable[int], *, reason: str = RETENTION) -> int:
    """Delete changes of records with what decided them; return how many changes they were."""
    changes = set(keys)
    rows = PersonChange.objects.system("erasure").filter(decides__in=changes)
    with_decisions = changes | set(rows.values_list("pk", flat=True))
    erasure.delete_rows("person_change", with_decisions, reason=reason, by=None)
    return len(changes)


def _empty_facts(code: str, events: QuerySet) -> None:
    changed = []
    for event in events.iterator():
        event.facts = facts_without_words(event.facts)
        if hasattr(event, "before"):
            event.before = {}
        changed.append(event)
    if changed:
        what = {"redacted": {code: erasure.intervals(event.pk for event in changed)}}
        erasure.open_trail(tables=[events.model._meta.db_table], reason=REASON, by=None, what=what)
        names = ["facts", "before"] if events.model is ClaimEvent else ["facts"]
        events.model._base_manager.bulk_update(changed, names, batch_size=500)


def _redact(code: str, rows: QuerySet, values: dict[str, Any]) -> None:
    keys = list(rows.values_list("pk", flat=True))
    erasure.redact_rows(code, keys, values, reason=REASON, by=None)
