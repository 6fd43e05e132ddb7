"""What contractors are told: one mail per order event, with a fresh link to that one order.

And their people, when a colleague invites them to sign in.
"""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from agencies.models import Contractor
from portal.models import User
from requests.notifications.mail_files import MailFile
from requests.work_orders import visit_documents
from requests.work_orders.models import OrderEvent, OrderLink
from requests.work_orders.workflow import OrderStep

PRINTED = frozenset({OrderStep.SEND, OrderStep.ACCEPT_QUOTE, OrderStep.ACCEPT_VARIATION})
CALENDARED = frozenset(
    {OrderStep.BOOK, OrderStep.UNBOOK, OrderStep.CANCEL, OrderStep.DECLINE_QUOTE}
)


def tell(*, key: str, now: datetime) -> None:
    """Mail the contractor about order event ``key``, to the address on file only.

    The mail names neither tenant nor door: those are behind the link. SMTP errors raise.
    """
    event = OrderEvent.objects.select_related(
        "order__contractor",
        "order__contract",
        "order__claim__category",
        "order__claim__staircase",
        "order__claim__residence",
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
        body = render_to_string("requests/work_orders/mail.txt", context)
        subject = translation.gettext("Order %(ref)s") % {"ref": str(order)}
        papers_ = _papers(event, now)
    mail = EmailMultiAlternatives(
        subject,
        body,
        settings.DEFAULT_FROM_EMAIL,
        [order.contractor.email],
        headers={
            "Message-ID": f"<order-event-{event.pk}@palier.invalid>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    for name, data, kind in papers_:
        mail.attach(name, data, kind)
    mail.send()


def _papers(event: OrderEvent, now: datetime) -> list[MailFile]:
    """The order when it is new or its price changed; the visit when it is made or given up."""
    order, found = event.order, []
    if event.name in PRINTED:
        name = f"{order}.pdf".replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
        found.append(
            (name, visit_documents.order_pdf(order, now=now, mailed=True), "application/pdf")
        )
    if event.name in CALENDARED:
        title = f"{order} {order.claim.category}"
        place, to = visit_documents.street(order), order.contractor.email
        found.append(visit_documents.invitation(order, title=title, to=to, now=now, place=place))
    return [paper for paper in found if paper]


def invite(*, key: str, now: datetime) -> None:
    """Mail how to sign in; ``key`` is ``<account>:<contractor>:<hour>``. SMTP errors raise.

    Somebody who already had an account, and so was given nothing, is told that instead.
    """
    user, holder, _hour = key.split(":")
    user = User.objects.get(pk=user)
    contractor = Contractor.objects.get(pk=holder)
    mine = user.memberships.filter(contractor=contractor).exists()
    with translation.override(settings.LANGUAGE_CODE):
        context = {
            "user": user,
            "contractor": contractor,
            "mine": mine,
            "link": settings.PALIER_URL + reverse("account_request_login_code"),
            "phone": settings.PALIER_PHONE,
        }
        body = render_to_string("requests/work_orders/invitation.txt", context)
        subject = translation.gettext("Access to the orders of %(name)s") % {"name": contractor}
    EmailMultiAlternatives(
        subject,
        body,
        settings.DEFAULT_FROM_EMAIL,
        [user.email],
        headers={
            "Message-ID": f"<invitation-{key.replace(':', '-')}@palier.invalid>",
            "Auto-Submitted": "auto-generated",
        },
    ).send()
