"""The gathered mail that tells a colleague which promises were passed up to them."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.models import Membership
from requests.claims.models import Claim
from requests.kit.choices import OPEN, Channel
from requests.notifications import outgoing
from requests.notifications.kinds import DeliveryKind, failure_text
from requests.notifications.models import Delivery
from requests.promises.models import EscalationTold


@transaction.atomic
def gather(*, key: str, now: datetime, member: int) -> None:
    """Queue one mail with all that was passed up to ``member`` since their last one.

    ``key`` names the slot, so that a repeat queues nothing more. What was kept meanwhile, or is
    no longer theirs to see, is left out.
    """
    colleague = Membership.objects.select_related("user", "unit").get(pk=member)
    waiting = EscalationTold.objects.select_for_update().filter(
        membership=colleague, mailed_at__isnull=True
    )
    numbers = list(waiting.values_list("pk", flat=True))
    rows = open_rows(colleague, numbers)
    if rows and colleague.user.is_active and colleague.user.email:
        with translation.override(settings.LANGUAGE_CODE):
            title = ngettext(
                "%(number)s promise needs you", "%(number)s promises need you", len(rows)
            ) % {"number": len(rows)}
            text = render_to_string(
                "requests/notifications/lateness.txt",
                {"rows": rows, "member": colleague, "site": settings.PALIER_URL, "now": now},
            )
        outgoing.queue(
            kind=Delivery.Kind.LATENESS,
            key=key,
            channel=Channel.EMAIL,
            recipient=colleague.user.email,
            subject=title,
            text=text,
            facts={"member": colleague.pk, "told": numbers},
            unit=colleague.unit,
            now=now,
        )
    EscalationTold.objects.filter(pk__in=numbers).update(mailed_at=now)


def open_rows(member: Membership, numbers: list[int]) -> list[EscalationTold]:
    """Each claim once, with its last level; only open promises on claims the member sees."""
    told = (
        EscalationTold.objects.filter(
            pk__in=numbers,
            step__promise__kept_at__isnull=True,
            step__promise__ended_at__isnull=True,
            step__promise__claim__in=Claim.objects.visible_to(member).filter(state__in=OPEN),
        )
        .select_related("step__promise__claim__category")
        .order_by("step__promise__due_at", "pk")
    )
    return list({row.step.promise.claim_id: row for row in told}.values())


class LatenessKind(DeliveryKind):
    """What was passed up to a colleague. It is also on their screen, whatever the mail does."""

    kind = Delivery.Kind.LATENESS

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return False once every promise in it is kept or ended."""
        return bool(self._rows(delivery))

    def on_failed(self, delivery: Delivery, now: datetime) -> None:
        """Let the colleague's next mail name them again, and tell whoever owns each claim."""
        rows = self._rows(delivery)
        EscalationTold.objects.filter(pk__in=delivery.facts["told"]).update(mailed_at=None)
        member = Membership.objects.select_related("user").get(pk=delivery.facts["member"])
        name = member.user.get_full_name() or member.user.email
        with translation.override(settings.LANGUAGE_CODE):
            next_step = _("%(name)s was not told of what is late: speak to them.") % {"name": name}
            text = f"{failure_text(delivery)} {next_step}"
        for row in rows:
            outgoing.write_note(row.step.promise.claim, text, now)

    def advice(self, delivery: Delivery) -> str:
        """Return nothing: the claims say it."""
        return ""

    def _rows(self, delivery: Delivery) -> list[EscalationTold]:
        member = Membership.objects.get(pk=delivery.facts["member"])
        return open_rows(member, delivery.facts["told"])
