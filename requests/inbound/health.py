"""The health of the channels beside e-mail: set up or not, last input, number of inputs."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests.channels.models import Intake
from requests.inbound.invitation_models import Invitation
from requests.inbound.missed_call_models import MissedCall
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.notifications.kinds import kind_of
from requests.notifications.models import Delivery
from requests.open311.models import Open311Key
from requests.sensors import actions as sensors
from requests.sensors.models import Reading, Sensor

DAY = timedelta(days=1)
LATELY = timedelta(days=14)
MOST = 50
SENDING = (Channel.EMAIL, Channel.SMS, Channel.SOCIAL, Channel.LETTER, Channel.PHONE)


def channel_rows(now: datetime) -> list[dict]:
    """Return one row per channel: label, state or alarm, last input, inputs in 24 hours."""
    heard = {
        row["channel"]: row
        for row in Intake.objects.system("health of channels")
        .values("channel")
        .annotate(last=Max("received_at"), count=Count("pk", filter=Q(received_at__gt=now - DAY)))
    }

    def channel_row(channel: Channel, said: str, url: str = "", alarm: str = "") -> dict:
        row: Mapping[str, Any] = heard.get(channel, {})
        found = {"label": channel.label, "said": said, "url": url, "alarm": alarm}
        return found | {"last": row.get("last"), "count": row.get("count", 0)}

    keys = Open311Key.objects.filter(active=True).count()
    waiting = MissedCall.objects.system("health of channels").filter(done_at=None).count()
    return [
        channel_row(Channel.SMS, _set(settings.PALIER_SMS_TOKEN or settings.PALIER_HOOK_KEY)),
        channel_row(Channel.SOCIAL, _set(settings.PALIER_WHATSAPP_SECRET)),
        channel_row(
            Channel.PAGE,
            _set(settings.PALIER_PAGE_SECRET),
            reverse("channels:tray") + "?view=page",
            _dangers(),
        ),
        channel_row(
            Channel.PHONE,
            ngettext("%(n)s call to return", "%(n)s calls to return", waiting) % {"n": waiting},
            reverse("missed_calls:index"),
        ),
        channel_row(
            Channel.OPEN311,
            ngettext("%(n)s key in use", "%(n)s keys in use", keys) % {"n": keys},
        ),
        _sensors(now),
    ]


def sent_by_channel(now: datetime) -> dict[str, dict]:
    """Return when something last left by each channel, and what waits, failed or is held there.

    Nearly every row was sent, long ago: the newest is the end of an index, and the others have one
    of their own.
    """
    of = Delivery.State
    rows = Delivery.objects.system("health of channels").filter(carried_by=None)
    unsent = {
        row["channel"]: row
        for row in rows.filter(
            Q(state__in=[*outgoing.WAITING, of.SUPPRESSED])
            | Q(state=of.FAILED, created_at__gt=now - DAY)
        )
        .values("channel")
        .annotate(
            waiting=Count("pk", filter=Q(state__in=outgoing.WAITING)),
            oldest=Min("created_at", filter=Q(state__in=outgoing.WAITING)),
            failed=Count("pk", filter=Q(state=of.FAILED)),
            held=Count("pk", filter=Q(state=of.SUPPRESSED)),
        )
    }
    newest = [
        rows.filter(channel=channel, sent_at__isnull=False)
        .order_by("-sent_at")
        .values_list("channel", "sent_at")[:1]
        for channel in SENDING
    ]
    last = dict(newest[0].union(*newest[1:], all=True))
    nothing = {"waiting": 0, "oldest": None, "failed": 0, "held": 0}
    return {
        channel: {**nothing, **unsent.get(channel, {}), "last": last.get(channel)}
        for channel in SENDING
    }


def failed_deliveries(membership, now: datetime) -> list[dict]:
    """Return what failed in two weeks and is about no claim, and what to do; latest first.

    A failure about a claim is told by a note on it.
    """
    rows = Delivery.objects.visible_to(membership).filter(
        claim__isnull=True, state=Delivery.State.FAILED, created_at__gt=now - LATELY
    )
    found = [
        {"at": row.due_at, "what": row.get_kind_display(), "advice": kind_of(row).advice(row)}
        for row in rows.order_by("-created_at")[:MOST]
    ]
    return [line for line in found if line["advice"]]


def private_answers_row(now: datetime) -> dict:
    """Return a row about the private answers to people who wrote on the public page."""
    of = Invitation.State
    found = Invitation.objects.system("health of channels").aggregate(
        last=Max("sent_at"),
        waiting=Count("pk", filter=Q(state=of.QUEUED)),
        oldest=Min("created_at", filter=Q(state=of.QUEUED)),
        failed=Count("pk", filter=Q(state=of.FAILED, created_at__gt=now - DAY)),
    )
    return {"label": Channel.PAGE.label, **found}


def _dangers() -> str:
    """Return how many inputs that mention a danger wait for a person; "" when none does."""
    n = (
        Intake.objects.system("health of channels")
        .filter(state=Intake.State.FAILED, urgent=True)
        .count()
    )
    return ngettext("%(n)s danger to read", "%(n)s dangers to read", n) % {"n": n} if n else ""


def _set(secret: str) -> str:
    return _("Fine") if secret else _("Not set")


def _sensors(now: datetime) -> dict:
    silent = Sensor.objects.filter(silent_since__isnull=False).count()
    alarm = ""
    if silent:
        alarm = ngettext("%(n)s silent sensor", "%(n)s silent sensors", silent) % {"n": silent}
    elif not sensors.is_on():
        alarm = _("Switched off")
    return {
        "label": Channel.SENSOR.label,
        "said": _("Fine") if Sensor.objects.exists() else _("Not set"),
        "alarm": alarm,
        "url": reverse("sensors:index"),
        "last": Sensor.objects.aggregate(last=Max("heard_at"))["last"],
        "count": Reading.objects.filter(at__gt=now - DAY).count(),
    }
