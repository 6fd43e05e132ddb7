"""A mail to the administrators about something that stopped by itself.

Health checks watch what runs; this is for what nobody would notice for days: an outlet that was
given up, an export that did not leave.
"""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from agencies.models import Membership
from portal.access import Role
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.notifications.kinds import DeliveryKind
from requests.notifications.models import Delivery
from requests.notifications.provider_alarms import refusing


class AlarmKind(DeliveryKind):
    """An alarm: at any hour, and no more than a person reads in an hour.

    That a provider of mail refuses ours is one too, as long as it is true.
    """

    kind = Delivery.Kind.ALARM
    most_an_hour = 20

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return whether the provider that an alarm names refused something lately."""
        name = delivery.facts.get("provider")
        return not name or any(row["name"] == name for row in refusing(now))


def raise_alarm(*, key: str, subject: str, text: str, now: datetime) -> int:
    """Queue one mail for each administrator in force; ``key`` names the alarm for good.

    Returns how many there are.
    """
    today = timezone.localdate(now)
    members = Membership.objects.filter(
        Q(ends__isnull=True) | Q(ends__gte=today),
        role=Role.ADMIN,
        starts__lte=today,
        user__is_active=True,
    )
    emails = sorted({email for email in members.values_list("user__email", flat=True) if email})
    for email in emails:
        outgoing.queue(
            kind=Delivery.Kind.ALARM,
            key=f"{key}:{email}"[:90],
            channel=Channel.EMAIL,
            recipient=email,
            subject=subject,
            text=text,
            now=now,
        )
    return len(emails)
