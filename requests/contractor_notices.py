"""What contractors are told: one mail per order event, with a fresh link to that one order."""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from requests.models import OrderEvent, OrderLink


def tell(*, key: str, now: datetime) -> None:
    """Mail the contractor about order event ``key``, to the address on file only.

    The mail names neither tenant nor door: those are behind the link. SMTP errors raise.
    """
    event = OrderEvent.objects.select_related(
        "order__contractor", "order__claim__category", "order__claim__staircase"
    ).get(pk=key)
    order = event.order
    link = OrderLink.objects.create(order=order, created_at=now)
    visit = order.appointments.filter(state__in=["booked", "confirmed"]).first()
    context = {
        "event": event,
        "order": order,
        "visit": visit,
        "link": settings.PALIER_URL + reverse("job", args=[link.token]),
        "phone": settings.PALIER_PHONE,
    }
    with translation.override(settings.LANGUAGE_CODE):
        body = render_to_string("requests/contractor/mail.txt", context)
        subject = translation.gettext("Order %(ref)s") % {"ref": str(order)}
    EmailMultiAlternatives(
        subject,
        body,
        settings.DEFAULT_FROM_EMAIL,
        [order.contractor.email],
        headers={
            "Message-ID": f"<order-event-{event.pk}@palier.invalid>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    ).send()
