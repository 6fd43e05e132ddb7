"""What the contractor wrote and photographed, as its own part of the claim's conversation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.access import Role
from requests.claims.entries import Entry
from requests.claims.models import Claim
from requests.work_orders.models import OrderPhoto
from requests.work_orders.photos import TOLD_MOMENTS
from requests.work_orders.workflow import OrderStep

# Words that the contractor's own page says the tenant reads; the others are for the office.
READ_BY_TENANT = frozenset({OrderStep.REPORT_DONE, OrderStep.NO_ACCESS, OrderStep.UNBOOK})


def entries(claim: Claim, staff: bool) -> list[Entry]:
    """Return one entry for each time the contractor said or showed something, oldest first."""
    # A photo comes at the instant of the step it was taken for.
    photos: dict[tuple[Any, datetime], list] = {}
    companies: dict[Any, str] = {}
    said_by_company = []
    for order in claim.orders.all():
        companies[order.pk] = str(order.contractor)
        said_by_company += [row for row in order.events.all() if row.role == Role.CONTRACTOR]
        for photo in order.photos.all():
            told = photo.moment in TOLD_MOMENTS
            if told or (staff and photo.moment != OrderPhoto.Moment.CLAIM):
                photos.setdefault((order.pk, photo.attachment.at), []).append(photo.attachment)
    found = []
    for event in sorted(said_by_company, key=lambda row: (row.at, row.pk)):
        shown = photos.pop((event.order_id, event.at), [])
        said = _words(event.name, event.facts, staff=staff)
        if said or shown:
            found.append(
                Entry(
                    pk=f"work-{event.pk}",
                    at=event.at,
                    text=event.label if staff else "",
                    kind="work",
                    who=companies[event.order_id],
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
