"""When a contractor may see the phone and the door code of a visit."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from requests.work_orders.appointment_models import Appointment
from requests.work_orders.models import WorkOrder
from requests.work_orders.workflow import VISITING

GRACE = timedelta(hours=2)  # a visit may take longer: the access details stay open


def contact_details_from(visit: Appointment) -> datetime:
    """Return the midnight, in local time, with which the eve of the visit begins."""
    eve = timezone.localdate(visit.starts) - timedelta(days=1)
    return timezone.make_aware(datetime.combine(eve, time.min))


def may_show_contact_details(order: WorkOrder, visit: Appointment | None, now: datetime) -> bool:
    """Return whether phone and door code may be shown: from the eve to two hours after the visit.

    The contractor confirms the date alone, weeks ahead perhaps: a code is of use the day before.
    """
    if order.state not in VISITING or visit is None:
        return False
    ends = max(visit.ends, visit.late_until or visit.ends)
    return contact_details_from(visit) <= now <= ends + GRACE
