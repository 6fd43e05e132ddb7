"""Tell the landlord that a provider refuses its mail: once a week and provider, not once a mail.

« Orange refuses our mail »: each message goes by the next channel meanwhile, and no address is
given up for it.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agencies.models import Membership
from portal.access import Role
from requests.channels.mail.providers import provider_of
from requests.channels.mail.refusals import Meaning
from requests.kit.choices import Channel
from requests.notifications.models import Delivery

LATELY = timedelta(days=3)
MOST = 10


def refusing(now: datetime) -> list[dict]:
    """Return the providers that refuse our mail for who we are: name, how many, since, answer.

    Those of the last three days, the one that refuses most first.
    """
    rows = Delivery.objects.system("refusals of providers").filter(
        channel=Channel.EMAIL, reason=Meaning.REPUTATION, due_at__gt=now - LATELY
    )
    found: dict[str, dict] = {}
    for row in rows.order_by("due_at").values("recipient", "due_at", "answer")[:2_000]:
        name = provider_of(row["recipient"])
        told = found.setdefault(name, {"name": name, "n": 0, "since": row["due_at"]})
        told |= {"n": told["n"] + 1, "answer": row["answer"][:300]}
    return sorted(found.values(), key=lambda row: -row["n"])[:MOST]


def recipients() -> list[str]:
    """Return the addresses of the administrators, or of head office where there is none."""
    for role in (Role.ADMIN, Role.HEAD_OFFICE):
        members = Membership.objects.filter(role=role, user__is_active=True).exclude(user__email="")
        found = members.order_by("user__email").values_list("user__email", flat=True).distinct()
        if found:
            return list(found[:MOST])
    return []


def messages(delivery: Delivery, answer: str, now: datetime) -> list[dict]:
    """Return what ``outgoing.queue`` is to be told when ``delivery`` was refused for who we are."""
    name = provider_of(delivery.recipient)
    week = timezone.localtime(now).date().isocalendar()
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("%(name)s refuses our mail") % {"name": name}
        text = _(
            "%(name)s refuses the mail that we send, whatever it says:\n\n%(answer)s\n\n"
            "Messages to its customers go by text message, letter or phone until this ends. No "
            "address is given up.\n\nWhat to do: have whoever runs the mail server check SPF, "
            "DKIM, DMARC and the reverse name of its address, look it up in blocklists, and ask "
            "the provider’s postmaster. Where it stands: %(url)s"
        ) % {"name": name, "answer": answer[:500], "url": f"{settings.PALIER_URL}/agency/channels/"}
    return [
        {
            "kind": Delivery.Kind.ALARM,
            "key": f"{name[:40]}:{week.year}-{week.week}:{address[:40]}",
            "channel": Channel.EMAIL,
            "recipient": address,
            "subject": subject,
            "text": text,
            "facts": {"provider": name},
        }
        for address in recipients()
    ]
