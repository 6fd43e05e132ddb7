"""Draw the sample of a wave, invite each person by their own channel, remind once, close.

Runs as jobs: ``sweep`` orders what is due, ``work`` does a step. Each step may run twice.
"""

from collections import defaultdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agencies import landlord
from requests.channels import gsm7
from requests.claims.models import Claim
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.notifications.contact_routes import ContactRoute, contact_routes
from requests.notifications.kinds import Content, DeliveryKind, failure_text
from requests.notifications.models import Delivery
from requests.surveys import actions, sample
from requests.surveys.models import Survey, SurveyInvitation, SurveyRefusal
from tenants.models import Occupancy

State = SurveyInvitation.State
REASON = "inviting to a survey"
BATCH = 200
# A person who called or wrote by one of these is asked by it; messaging takes no such message.
ASKED_BY = (Channel.EMAIL, Channel.SMS, Channel.LETTER, Channel.PHONE)
BY_MACHINE = (Channel.EMAIL, Channel.SMS)
BY_PERSON: dict[str, str] = {Channel.LETTER: State.TO_POST, Channel.PHONE: State.TO_CALL}


def sweep(now: datetime) -> int:
    """Order the steps that are due of all waves; return how many. Local days decide."""
    today = timezone.localdate(now)
    ordered = 0
    for survey in Survey.objects.filter(stopped_at__isnull=True, closed_at__isnull=True):
        if today > survey.closes:
            # Also a wave that nobody was drawn for, because nothing ran while it lasted.
            ordered += _order(survey, "close")
        elif survey.drawn_at is None:
            ordered += _order(survey, "draw") if today >= survey.opens else 0
        elif survey.reminded_at is None and today >= survey.opens + timedelta(
            days=survey.remind_after
        ):
            ordered += _order(survey, "remind")
    return ordered


def _order(survey: Survey, step: str, number: int = 0) -> int:
    key = f"{survey.pk}:{step}:{number}"
    enqueue(Job.Kind.SURVEY, key, survey=str(survey.pk), step=step, number=number)
    return 1


def work(*, key: str, now: datetime, survey: str, step: str, number: int = 0) -> None:
    """Do one step of a wave: draw, invite (the next ``BATCH``), remind, or close."""
    found = Survey.objects.filter(pk=survey).first()
    if found is None or found.is_over:
        return
    if step == "draw":
        draw(survey=found, now=now)
    elif step == "invite":
        if invite(survey=found, now=now):
            _order(found, "invite", number + 1)
    elif step == "remind":
        remind(survey=found, now=now)
    elif step == "close":
        actions.close(survey=found, now=now)


@transaction.atomic
def draw(*, survey: Survey, now: datetime, rng=None) -> int:
    """Draw the sample, once; return how many homes. ``rng`` is given by tests and the demo."""
    held = Survey.objects.select_for_update().get(pk=survey.pk)
    if held.drawn_at or held.is_over:
        return 0
    today = timezone.localdate(now)
    homes: dict[int, int] = defaultdict(int)
    available: dict[int, list[tuple]] = defaultdict(list)
    codes: dict[int, str] = {}
    left_out, seen = _left_out(now), set()
    for home, unit, code, tenant, language in _holders(today):
        homes[unit] += 1
        codes[unit] = code
        # One home with two leases, one person with two homes: each is asked once.
        if tenant not in left_out and tenant not in seen:
            available[unit].append((home, tenant, language))
            seen.add(tenant)
    chosen = sample.draw(available, homes, held.share, rng)
    made = SurveyInvitation.objects.bulk_create(
        [
            SurveyInvitation(
                survey=held, tenant_id=tenant, dwelling_id=home, unit_id=unit, language=language
            )
            for unit, rows in chosen.items()
            for home, tenant, language in rows
        ],
        batch_size=2_000,
    )
    held.drawn_at = now
    held.frame = {
        "homes": {codes[unit]: n for unit, n in homes.items()},
        "available": {codes[unit]: len(rows) for unit, rows in available.items()},
    }
    held.save(update_fields=["drawn_at", "frame"])
    _order(held, "invite")
    return len(made)


def _holders(today) -> list[tuple]:
    """Return home, unit, its code, person and language of each occupied home; one statement.

    The holder of the newest lease in force, as ``tenants.homes.holder_of`` finds it.
    """
    rows = (
        Occupancy.objects.system(REASON)
        .in_force(today)
        .filter(capacity=Occupancy.Capacity.HOLDER, tenant__merged_into__isnull=True)
        .order_by("lease__dwelling", "-lease__starts", "-lease", "starts", "pk")
        .distinct("lease__dwelling")
    )
    unit = "lease__dwelling__staircase__building__residence__unit"
    return list(
        rows.values_list("lease__dwelling", unit, f"{unit}__code", "tenant", "tenant__language")
    )


def _left_out(now: datetime) -> set:
    """Return who is not asked: refused for good, or asked within the year."""
    since = now - sample.PAUSE
    refused = SurveyRefusal.objects.system(REASON).values_list("tenant", flat=True)
    asked = SurveyInvitation.objects.system(REASON).filter(survey__drawn_at__gt=since)
    return {*refused, *asked.values_list("tenant", flat=True)}


@transaction.atomic
def invite(*, survey: Survey, now: datetime) -> int:
    """Give the next ``BATCH`` of those drawn their channel, and queue what machines send."""
    rows = (
        SurveyInvitation.objects.system(REASON)
        .filter(survey=survey, state=State.DRAWN)
        .select_related("tenant", "dwelling__staircase__building__residence", "unit", "survey")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("pk")[:BATCH]
    )
    done = 0
    for row in rows:
        way = way_of(row)
        row.channel, row.address = way.channel, way.address
        row.state = BY_PERSON.get(way.channel, State.QUEUED)
        row.save(update_fields=["channel", "address", "state"])
        if row.state == State.QUEUED:
            _queue(row, "ask", now)
        done += 1
    return done


def way_of(row: SurveyInvitation) -> ContactRoute:
    """Return the person's own channel among those of a survey; a letter to the home without one."""
    claim = Claim(tenant=row.tenant, dwelling=row.dwelling, channel=Channel.WEB)
    for way in contact_routes(claim):
        if way.channel in ASKED_BY:
            return way
    street = row.dwelling.staircase
    return ContactRoute(Channel.LETTER, f"{row.tenant}\n{street.street}\n{row.dwelling.door}"[:254])


def _queue(row: SurveyInvitation, said: str, now: datetime) -> None:
    with translation.override(row.language):
        subject = _("How satisfied are you with us?")
    outgoing.queue(
        kind=Delivery.Kind.SURVEY,
        key=f"{row.pk}:{said}",
        channel=row.channel,
        recipient=row.address,
        subject=subject,
        facts={"invitation": str(row.pk), "said": said},
        unit=row.unit,
        language=row.language,
        now=now,
    )


@transaction.atomic
def remind(*, survey: Survey, now: datetime) -> int:
    """Remind once those who got a mail or a text and neither answered nor refused."""
    held = Survey.objects.select_for_update().get(pk=survey.pk)
    if held.reminded_at or held.is_over:
        return 0
    rows = SurveyInvitation.objects.system(REASON).filter(
        survey=held, state=State.SENT, channel__in=BY_MACHINE, reminded_at__isnull=True
    )
    done = 0
    for row in rows.select_related("unit", "survey").iterator(chunk_size=2_000):
        _queue(row, "remind", now)
        done += 1
    rows.update(reminded_at=now)
    held.reminded_at = now
    held.save(update_fields=["reminded_at"])
    return done


def link_of(row: SurveyInvitation) -> str:
    """Return the address of the questionnaire."""
    return settings.PALIER_URL + reverse("survey_answer", args=[row.code])


def text_for(row: SurveyInvitation, said: str, channel: str) -> str:
    """Return the invitation or the reminder in the person's language."""
    known = {code for code, _name in settings.LANGUAGES}
    with translation.override(row.language if row.language in known else settings.LANGUAGE_CODE):
        page = {
            "survey": row.survey,
            "said": said,
            "short": channel == Channel.SMS,
            "landlord": landlord.current(),
            "phone": landlord.current().phone,
            "link": link_of(row),
        }
        text = render_to_string("requests/surveys/invitation.txt", page).strip()
    return gsm7.to_gsm7(text) if channel == Channel.SMS else text


def _row(delivery: Delivery) -> SurveyInvitation | None:
    rows = SurveyInvitation.objects.system(REASON).select_related("survey", "unit", "dwelling")
    return rows.filter(pk=delivery.facts.get("invitation")).first()


class SurveyKind(DeliveryKind):
    """An invitation to a survey or its reminder. It may wait: it is never sent at night.

    One that reaches nobody becomes a letter; its link is written at each attempt, so that no row
    of messages opens a questionnaire.
    """

    kind = Delivery.Kind.SURVEY

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return False once it was answered or refused, or the wave is over."""
        row = _row(delivery)
        return (
            row is not None
            and row.state not in SurveyInvitation.FINAL
            and actions.is_open(row.survey, timezone.localdate(now))
        )

    def content(self, delivery: Delivery, now: datetime) -> Content:
        """Return the text with its link."""
        row = _row(delivery)
        assert row is not None  # still_wanted() has just found it
        said = delivery.facts.get("said", "ask")
        return Content(text_for(row, said, delivery.channel), delivery.subject)

    def on_sent(self, delivery: Delivery, now: datetime) -> None:
        """Note that the person was invited."""
        SurveyInvitation.objects.system(REASON).filter(
            pk=delivery.facts["invitation"], state=State.QUEUED
        ).update(state=State.SENT, invited_at=now)

    def on_failed(self, delivery: Delivery, now: datetime) -> None:
        """Let a letter be posted instead, while the wave runs."""
        row = _row(delivery)
        if row is not None and row.state in (State.QUEUED, State.SENT):
            row.state, row.channel = State.TO_POST, Channel.LETTER
            row.address = str(row.dwelling)[:254]
            row.save(update_fields=["state", "channel", "address"])

    def advice(self, delivery: Delivery) -> str:
        """Return that a letter waits to be posted."""
        next_step = _("A letter waits among those of the survey.")
        return f"{failure_text(delivery)} {next_step}"
