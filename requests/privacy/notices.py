"""Tell a person by mail what became of their request; others are written to by letter."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from portal.dates import full_day
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.notifications.kinds import Content, DeliveryKind
from requests.notifications.models import Delivery
from requests.privacy.models import RightsRequest, RightsStep
from tenants.actions.contact_check import is_sure
from tenants.models import ContactPoint


def address_of(request: RightsRequest, now: datetime) -> str:
    """Return the mail address that the person is told at, or ""."""
    if request.tenant is None:
        return ""
    points = request.tenant.contact_points.filter(
        is_sure(now), kind=ContactPoint.Kind.EMAIL, failing=False
    )
    point = points.order_by("-preferred", "-verified", "pk").first()
    if point:
        return point.value
    return request.tenant.user.email if request.tenant.user else ""


def tell(request: RightsRequest, step: str, now: datetime) -> None:
    """Queue the mail about ``step``, in the caller's transaction; nothing without an address."""
    if not (address := address_of(request, now)):
        return
    assert request.tenant is not None
    with translation.override(request.tenant.language):
        subject = _("Your request about your data")
    outgoing.queue(
        kind=Delivery.Kind.RIGHTS,
        key=f"{request.pk.hex}:{step}",
        channel=Channel.EMAIL,
        recipient=address,
        subject=subject,
        facts={"request": str(request.pk), "step": step},
        language=request.tenant.language,
        now=now,
    )


def letter(request: RightsRequest, step: str) -> str:
    """Return what the person is told about ``step``, in the active language."""
    Step = RightsStep.Name
    texts = {
        Step.OPENED: _(
            "We received your request. You will have an answer by %(day)s at the latest."
        ),
        Step.EXTENDED: _("Your request takes longer: you will have an answer by %(day)s. %(why)s"),
        Step.ANSWERED: _("Your request about your data is done."),
        Step.REFUSED: _("We cannot do what you asked about your data."),
    }
    told = texts[Step(step)] % {
        "day": full_day(request.due_on),
        "why": request.extension_reason,
    }
    lines = [told]
    if step in (Step.ANSWERED, Step.REFUSED) and request.answer:
        lines.append(request.answer)
    if step == Step.REFUSED:
        lines.append(
            _("You may complain to the CNIL (www.cnil.fr), or go to court, if you disagree.")
        )
    return "\n\n".join(lines)


class RightsKind(DeliveryKind):
    """News of a person's request about their data."""

    kind = Delivery.Kind.RIGHTS

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return whether the request is still there with its person."""
        rows = RightsRequest.objects.system("a person is told").filter(
            pk=delivery.facts.get("request")
        )
        return rows.filter(tenant__isnull=False).exists()

    def content(self, delivery: Delivery, now: datetime) -> Content:
        """Return the news in the person's language, with the address of their page."""
        request = RightsRequest.objects.system("a person is told").get(pk=delivery.facts["request"])
        with translation.override(delivery.language):
            text = letter(request, delivery.facts["step"])
            page = settings.PALIER_URL + reverse("my_data:home")
            see = _("Your page: %(page)s") % {"page": page}
        return Content(f"{text}\n\n{see}", delivery.subject)
