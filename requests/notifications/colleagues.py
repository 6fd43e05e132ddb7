"""The mail that tells a colleague what was given to them, and what is new on claims they follow.

It says which claims, by whom and what kind of step; never a word that somebody wrote, and of a
confidential claim its reference alone.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agencies import absences
from agencies.models import Membership
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.notifications.kinds import DeliveryKind
from requests.notifications.models import Delivery
from requests.teamwork import charges, mail_choices, watches
from requests.teamwork.assignment_models import Charge
from requests.teamwork.attention_models import MailChoice, Watch


def tell(event: ClaimEvent, now: datetime) -> None:
    """Write the job of each next mail that an event calls for; a repeat adds nothing."""
    for member in mail_choices.told_of(event):
        chosen = getattr(member, "mail_choice", None)
        due = mail_choices.next_mail(chosen.how if chosen else MailChoice.How.DAILY, now)
        if due is not None:
            key = f"{member.pk}:{int(due.timestamp())}"
            enqueue(Job.Kind.COLLEAGUE, key, delay=due - now, member=member.pk)


@transaction.atomic
def gather(*, key: str, now: datetime, member: int) -> None:
    """Queue one mail with all that is new to ``member`` since they looked or were told.

    ``key`` names the slot, so that a repeat queues nothing more. Nothing is queued for who has
    left, or wants no mail any more.
    """
    there = absences.memberships_on(timezone.localdate(now)).select_related("user", "unit")
    colleague = there.filter(pk=member, user__is_active=True).first()
    if colleague is None or not colleague.user.email:
        return
    if mail_choices.choice_of(colleague) == MailChoice.How.NEVER:
        return
    given, news = list(mail_choices.given(colleague)), list(mail_choices.news(colleague))
    if not given and not news:
        return
    with translation.override(settings.LANGUAGE_CODE):
        words: dict[str, Any] = {"member": colleague, "site": settings.PALIER_URL}
        words["given"] = [(row.claim, name_of(row.claim), row.by) for row in given]
        words["news"] = [(row.claim, name_of(row.claim), _what(row)) for row in news]
        text = render_to_string("requests/notifications/colleague_news.txt", words)
        subject = _("Given to you, or new on what you follow")
    outgoing.queue(
        kind=Delivery.Kind.COLLEAGUE,
        key=key,
        channel=Channel.EMAIL,
        recipient=colleague.user.email,
        subject=subject,
        text=text,
        facts={
            "member": colleague.pk,
            "given": [row.pk for row in given],
            "news": [row.pk for row in news],
        },
        unit=colleague.unit,
        now=now,
    )
    Charge.objects.filter(pk__in=[row.pk for row in given]).update(mailed_at=now)
    Watch.objects.filter(pk__in=[row.pk for row in news]).update(mailed_at=now)


def name_of(claim: Claim) -> str:
    """Return how the mail calls a claim: a confidential one by no more than its reference."""
    what = _("Confidential request") if claim.is_confidential else str(claim.category)
    return f"{what} · {claim.spoken_reference}"


def _what(row: Any) -> str:
    """Return what was last done on a followed claim; nothing of a confidential one."""
    return "" if row.claim.is_confidential else ClaimEvent(name=row.last).label


class ColleagueKind(DeliveryKind):
    """News to a colleague. It is also on their screen, whatever the mail does."""

    kind = Delivery.Kind.COLLEAGUE

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return False once the colleague has looked at all of it."""
        member = Membership.objects.filter(pk=delivery.facts["member"]).first()
        if member is None:
            return False
        given = charges.unseen(member).filter(pk__in=delivery.facts["given"])
        news = watches.news(member).filter(pk__in=delivery.facts["news"])
        return given.exists() or news.exists()

    def on_failed(self, delivery: Delivery, now: datetime) -> None:
        """Let the colleague's next mail say it again."""
        Charge.objects.filter(pk__in=delivery.facts["given"]).update(mailed_at=None)
        Watch.objects.filter(pk__in=delivery.facts["news"]).update(mailed_at=None)
