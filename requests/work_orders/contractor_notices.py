"""What contractors are told: one mail per order event, with a link to that one order.

And their people, when a colleague invites them to sign in. Both leave through the engine of
``requests.notifications.outgoing``; an order mail that reached nobody is told to staff.
"""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from agencies.models import Contractor, Membership
from portal.actor import Actor
from portal.models import User
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.notifications.kinds import Content, DeliveryKind, failure_text
from requests.notifications.mail_files import MailFile
from requests.notifications.models import Delivery
from requests.work_orders import visit_documents
from requests.work_orders.actions import record_order
from requests.work_orders.appointment_models import Appointment
from requests.work_orders.models import OrderEvent, OrderLink
from requests.work_orders.order_links import GONE
from requests.work_orders.workflow import OrderStep

PRINTED = frozenset({OrderStep.SEND, OrderStep.ACCEPT_QUOTE, OrderStep.ACCEPT_VARIATION})
CALENDARED = frozenset(
    {OrderStep.BOOK, OrderStep.UNBOOK, OrderStep.CANCEL, OrderStep.DECLINE_QUOTE}
)
# What still matters to a contractor once the order is cancelled.
ENDINGS = frozenset({OrderStep.CANCEL, OrderStep.DECLINE_QUOTE})
RELATED = (
    "order__contractor",
    "order__contract",
    "order__claim__category",
    "order__claim__staircase",
    "order__claim__residence",
)


class OrderKind(DeliveryKind):
    """An event of an order, mailed to the address on file only.

    The mail names neither tenant nor door: those are behind the link, which is in no row but its
    own. After a storm one contractor may get hundreds of orders within an hour.
    """

    kind = Delivery.Kind.ORDER
    most_an_hour = 300

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return False for a date that was given up, and for what a cancelled order asked."""
        event = _event(delivery)
        if event.order.state in GONE:
            return event.name in ENDINGS
        return event.name != OrderStep.BOOK or _visit(event) is not None

    def content(self, delivery: Delivery, now: datetime) -> Content:
        """Return the mail as the order stands now, with the order or the visit as a file."""
        event = _event(delivery)
        order = event.order
        link = order.links.filter(revoked_at__isnull=True).order_by("pk").last()
        link = link or OrderLink.objects.create(order=order, created_at=now)
        context = {
            "event": event,
            "order": order,
            "visit": _visit(event),
            "link": settings.PALIER_URL + reverse("job", args=[link.token]),
            "phone": settings.PALIER_PHONE,
        }
        with translation.override(delivery.language):
            text = render_to_string("requests/work_orders/mail.txt", context)
            return Content(text, delivery.subject, files=_papers(event, now))

    def on_failed(self, delivery: Delivery, now: datetime) -> None:
        """Write it among the events of the order."""
        event = _event(delivery)
        step = OrderStep.MAIL_FAILED
        record_order(event.order, step, actor=Actor.SYSTEM, now=now, of=event.name)

    def advice(self, delivery: Delivery) -> str:
        """Return that the contractor knows nothing, and whom to call."""
        order = _event(delivery).order
        words = {"ref": str(order), "name": order.contractor.name, "phone": order.contractor.phone}
        return (
            failure_text(delivery)
            + " "
            + _(
                "The contractor %(name)s was not told about order %(ref)s: call them on %(phone)s."
                " Once their address is right, send a new link."
            )
            % words
        )


def _event(delivery: Delivery) -> OrderEvent:
    return (
        OrderEvent.objects.system("telling a company")
        .select_related(*RELATED)
        .get(pk=delivery.facts["event"])
    )


def _visit(event: OrderEvent) -> Appointment | None:
    return event.order.appointments.filter(state__in=Appointment.ACTIVE).first()


def _papers(event: OrderEvent, now: datetime) -> list[MailFile]:
    """The order when it is new or its price changed; the visit when it is made or given up."""
    order = event.order
    found: list[MailFile | None] = []
    if event.name in PRINTED:
        name = f"{order}.pdf".replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
        found.append(
            (name, visit_documents.order_pdf(order, now=now, mailed=True), "application/pdf")
        )
    if event.name in CALENDARED:
        title = f"{order} {order.title}"
        place, to = visit_documents.street(order), order.contractor.email
        found.append(visit_documents.invitation(order, title=title, to=to, now=now, place=place))
    return [paper for paper in found if paper]


class InvitationKind(DeliveryKind):
    """How a contractor's colleague signs in.

    Somebody who already had an account, and so was given nothing, is told that instead.
    """

    kind = Delivery.Kind.INVITATION

    def content(self, delivery: Delivery, now: datetime) -> Content:
        """Return what the person may do now."""
        user = User.objects.get(pk=delivery.facts["user"])
        contractor = Contractor.objects.get(pk=delivery.facts["contractor"])
        context = {
            "user": user,
            "contractor": contractor,
            "mine": user.memberships.filter(contractor=contractor).exists(),
            "link": settings.PALIER_URL + reverse("account_request_login_code"),
            "phone": settings.PALIER_PHONE,
        }
        with translation.override(delivery.language):
            text = render_to_string("requests/work_orders/invitation.txt", context)
        return Content(text, delivery.subject)

    def advice(self, delivery: Delivery) -> str:
        """Return whom to call: the contractor who invited them."""
        contractor = Contractor.objects.get(pk=delivery.facts["contractor"])
        words = {"name": contractor.name, "phone": contractor.phone}
        next_step = _("Call %(name)s on %(phone)s: the address may be wrong.") % words
        return f"{failure_text(delivery)} {next_step}"


def invite(*, user: User, by: Membership, now: datetime) -> None:
    """Queue how to sign in; one mail an hour at most, however often the button is pressed."""
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Access to the orders of %(name)s") % {"name": by.contractor}
    outgoing.queue(
        kind=Delivery.Kind.INVITATION,
        key=f"{user.pk.hex}:{by.contractor_id}:{int(now.timestamp()) // 3600}",
        channel=Channel.EMAIL,
        recipient=user.email,
        subject=subject,
        facts={"user": str(user.pk), "contractor": by.contractor_id},
        unit=by.unit,
        now=now,
    )
