"""Attachments of mails about a visit: the order as a PDF, the visit as an iCalendar text."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.kit import pdf
from requests.notifications.mail_files import MailFile
from requests.notifications.models import Delivery
from requests.work_orders.appointment_models import Appointment
from requests.work_orders.forms import WHY
from requests.work_orders.icalendar import calendar
from requests.work_orders.models import WorkOrder

# Events that change a visit: the mail has an invitation or a cancellation for the calendar.
WITH_INVITATION = frozenset({Event.PLAN, Event.UNPLAN, Event.VISIT_LATE, Event.VISIT_REMINDER})


def visit_row(
    found: Appointment, title: str, place: str = "", *, remind: bool = False
) -> dict[str, Any]:
    """Return one visit for ``icalendar.calendar``; all visits of an order are one event.

    ``remind`` rings before it: for the tenant, who has to be there.
    """
    return {
        "uid": found.order_id,
        "starts": found.starts.astimezone(UTC),
        "ends": max(found.ends, found.late_until or found.ends).astimezone(UTC),
        "title": title,
        "place": place,
        "remind": remind,
        "sequence": found.sequence,
        "cancelled": found.state not in (*Appointment.ACTIVE, Appointment.State.KEPT),
    }


def street(order: WorkOrder) -> str:
    """Return the street address for a calendar, without floor or name."""
    return order.claim.staircase.street if order.claim.staircase else ""


def tenants_title(order: WorkOrder) -> str:
    """Return the title in the tenant's calendar, which others may see: neutral if sensitive."""
    if order.claim.is_confidential:
        return gettext("Visit")
    title = gettext("Visit: %(what)s") % {"what": order.claim.category}
    return f"{title} – {order.contractor}"


def tenants_place(order: WorkOrder, *, known: bool) -> str:
    """Return where the tenant has to be, for a calendar that others may see.

    ``known``: it goes to the tenant's own address, and may name the street. A file fetched by a
    link names no address (docs/principles.md, D2), nor does one of a confidential matter.
    """
    if known and not order.claim.is_confidential and (there := street(order)):
        return there
    return gettext("At your home") if order.claim.dwelling_id else gettext("In your building")


def invitation(
    order: WorkOrder,
    *,
    title: str,
    to: str,
    now: datetime,
    place: str = "",
    remind: bool = False,
) -> MailFile | None:
    """Return the order's latest visit for the calendar of ``to``; None when there was none.

    A moved visit replaces the former one in the calendar (same UID, higher SEQUENCE); a cancelled
    visit removes it (METHOD:CANCEL, RFC 5546).
    """
    found = order.appointments.order_by("sequence", "made_at").last()
    if found is None:
        return None
    row = visit_row(found, title, place, remind=remind)
    method = "CANCEL" if row["cancelled"] else "REQUEST"
    sender = settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">")
    body = calendar([row], now=now, method=method, organizer=sender, attendee=to)
    # Mail programs act on the method of the part, not of the text (RFC 6047, 2.4).
    return "visit.ics", body, f"text/calendar; method={method}"


def order_pdf(order: WorkOrder, *, now: datetime, mailed: bool = False) -> bytes:
    """Return the order as a PDF, without access notes, since paper cannot hide them later.

    ``mailed`` leaves out floor and door too: more people read a mailbox than the link.
    """
    return pdf.pdf(
        "requests/work_orders/order_pdf.html",
        {
            "order": order,
            "claim": order.claim,
            "visit": order.appointments.filter(state__in=Appointment.ACTIVE).first(),
            "lines": order.lines.all(),
            "why": WHY.get(order.why, ""),
            "now": now,
            "mailed": mailed,
        },
    )


def for_mail(delivery: Delivery, events: list[ClaimEvent], now: datetime) -> list[MailFile]:
    """Return one invitation per order that ``events`` are about, as its visit stands at ``now``."""
    numbers = [event.facts.get("order") for event in events if event.name in WITH_INVITATION]
    orders = WorkOrder.objects.system("calendar of the tenant").select_related(
        "contractor", "claim__category", "claim__staircase"
    )
    found = []
    with translation.override(delivery.language):
        for order in orders.filter(pk__in=filter(None, numbers), claim=delivery.claim_id):
            title = tenants_title(order)
            place = tenants_place(order, known=True)
            to = delivery.recipient
            found.append(invitation(order, title=title, to=to, now=now, place=place, remind=True))
    return [file for file in found if file]
