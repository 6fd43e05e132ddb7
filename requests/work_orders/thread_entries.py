"""What the contractor wrote and photographed, as its own part of the claim's conversation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.access import Role
from requests.claims.entries import Entry
from requests.claims.models import Claim
from requests.work_orders.models import OrderEvent
from requests.work_orders.photos import TOLD_MOMENTS, contractor_photos
from requests.work_orders.workflow import OrderStep

# Words that the contractor's own page says the tenant reads; the others are for the office.
READ_BY_TENANT = frozenset({OrderStep.REPORT_DONE, OrderStep.NO_ACCESS, OrderStep.UNBOOK})


def entries(claim: Claim, staff: bool) -> list[Entry]:
    """Return one entry for each time the contractor said or showed something, oldest first."""
    rows = contractor_photos(claim).select_related("attachment", "order__contractor")
    if not staff:
        rows = rows.filter(moment__in=TOLD_MOMENTS)
    # A photo comes at the instant of the step it was taken for.
    photos: dict[tuple[Any, datetime], list] = {}
    companies: dict[Any, str] = {}
    for row in rows.order_by("pk"):
        photos.setdefault((row.order_id, row.attachment.at), []).append(row.attachment)
        companies[row.order_id] = str(row.order.contractor)
    found = []
    events = OrderEvent.objects.of(order__claim=claim).filter(role=Role.CONTRACTOR)
    for event in events.select_related("order__contractor"):
        shown = photos.pop((event.order_id, event.at), [])
        said = _words(event.name, event.facts, staff=staff)
        if said or shown:
            found.append(
                Entry(
                    pk=f"work-{event.pk}",
                    at=event.at,
                    text=event.label if staff else "",
                    kind="work",
                    who=str(event.order.contractor),
                    said=said,
                    attached=shown,
                )
            )
    for (order, at), shown in photos.items():
        key = f"work-{shown[0].pk}"
        found.append(Entry(key, at, "", kind="work", who=companies[order], attached=shown))
    return found


def _words(name: str, facts: Mapping[str, Any], *, staff: bool) -> str:
    if not staff and name not in READ_BY_TENANT:
        return ""
    return str(facts.get("text") or facts.get("reason") or "")
