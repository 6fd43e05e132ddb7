"""The figures of the week by mail, for who asked for them: each question with its answer."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agencies.models import Membership
from portal.access import DESK_ROLES, Role
from requests.figures import board_page
from requests.figures.exports import sentence
from requests.figures.models import Digest
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.notifications.kinds import DeliveryKind
from requests.notifications.models import Delivery

HOUR = 7  # of Monday, local
WEEK = 7


def in_force(today) -> Q:
    """Return the condition for members who still work here and may open figures."""
    ends = Q(membership__ends__isnull=True) | Q(membership__ends__gte=today)
    return ends & Q(
        membership__starts__lte=today,
        membership__pending=False,
        membership__role__in=DESK_ROLES,
        membership__user__is_active=True,
    )


def sweep(*, now: datetime) -> int:
    """Queue the mails of this week that are not queued yet, from Monday morning on."""
    local = timezone.localtime(now)
    monday = (local - timedelta(days=local.weekday())).replace(
        hour=HOUR, minute=0, second=0, microsecond=0
    )
    if local < monday:
        return 0
    waiting = (
        Digest.objects.filter(in_force(local.date()))
        .filter(Q(sent_at__isnull=True) | Q(sent_at__lt=monday))
        .order_by(F("sent_at").asc(nulls_first=True), "pk")
    )
    number = 0
    for key in list(waiting.values_list("pk", flat=True)):
        number += _queue(key, monday, now)
    return number


@transaction.atomic
def _queue(key: int, monday: datetime, now: datetime) -> int:
    """Queue one mail; return how many."""
    row = Digest.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=key).first()
    if row is None or (row.sent_at and row.sent_at >= monday):
        return 0
    member = Membership.objects.select_related("user", "unit").get(pk=row.membership_id)
    row.sent_at = now
    row.save(update_fields=["sent_at"])
    if not member.user.email:
        return 0
    with translation.override(settings.LANGUAGE_CODE):
        subject, text = content(member, now)
    outgoing.queue(
        kind=Delivery.Kind.FIGURES,
        key=f"{member.pk}-{monday:%Y-%m-%d}",
        channel=Channel.EMAIL,
        recipient=member.user.email,
        subject=subject,
        text=text,
        facts={"member": member.pk, "unit": member.unit_id, "role": member.role},
        unit=member.unit,
        now=now,
    )
    return 1


def content(member: Membership, now: datetime) -> tuple[str, str]:
    """Return subject and text: the member's board of the last seven days, in sentences."""
    asked = board_page.asked(member, QueryDict("days=own&" + _days(member, now)), now)
    head = member.role == Role.HEAD_OFFICE
    board = board_page.customers(asked) if head else board_page.of_agency(asked)
    whose = board_page.title_of(asked)
    name = "head_office:overview" if head else "figures:agency"
    text = render_to_string(
        "requests/figures/digest.txt",
        {
            "board": board,
            "member": member,
            "whose": whose,
            "span": asked.choice.span,
            "answer": sentence(board.says),
            "cards": [(card.question, sentence(card.says)) for card in board.cards if card.says],
            "site": settings.PALIER_URL,
            "address": f"{settings.PALIER_URL}{reverse(name)}?{asked.choice.asking()}",
        },
    )
    return _("Figures of the week · %(whose)s") % {"whose": whose}, text


def _days(member: Membership, now: datetime) -> str:
    last = board_page.last_day(member, now)
    return f"since={last - timedelta(days=WEEK - 1)}&until={last}"


class FiguresKind(DeliveryKind):
    """The figures of the week to a member who asked for them."""

    kind = Delivery.Kind.FIGURES

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return False once the member does not want it any more, left, or changed place."""
        facts = delivery.facts
        mine = Digest.objects.filter(membership=facts["member"])
        if "unit" in facts:  # an earlier release wrote none
            mine = mine.filter(membership__unit=facts["unit"], membership__role=facts["role"])
        return mine.filter(in_force(timezone.localdate(now))).exists()
