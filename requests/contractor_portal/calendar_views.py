"""The calendar of a contractor, at a secret address that its own software subscribes to."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from agencies.http_types import PublicRequest
from agencies.models import Contractor
from portal.access import PUBLIC, audience
from portal.clock import now
from requests.work_orders.appointment_models import Appointment
from requests.work_orders.icalendar import calendar, ics_response
from requests.work_orders.visit_documents import street, visit_row

PAST = timedelta(days=30)


@audience(PUBLIC)
@require_GET
def contractor_feed(request: PublicRequest, token: str) -> HttpResponse:
    """Return a contractor's visits at its secret address: building and fault, nobody's name."""
    holder = get_object_or_404(Contractor, calendar_token=token, active=True)
    visits = (
        Appointment.objects.system("the secret address opens them")
        .filter(contractor=holder, ends__gte=now() - PAST)
        .exclude(state=Appointment.State.MOVED)
        .select_related("order__claim__category", "order__claim__staircase")
        .order_by("starts")
    )
    latest = {found.order_id: found for found in visits}
    rows = [
        visit_row(found, f"{found.order} {found.order.title}", street(found.order))
        for found in latest.values()
    ]
    return ics_response(calendar(rows, now=now()), "visits")
