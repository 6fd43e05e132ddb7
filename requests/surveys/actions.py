"""Plan, stop and close a wave; answer or refuse an invitation."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal.actor import Actor
from portal.models import User
from requests.catalogue.models import Category
from requests.claims.models import Claim
from requests.dangers import actions as dangers
from requests.filing.actions import Filing, file_claim
from requests.kit.choices import Channel
from requests.surveys import results
from requests.surveys.models import (
    Survey,
    SurveyAnswer,
    SurveyInvitation,
    SurveyMark,
    SurveyQuestion,
    SurveyRefusal,
)

State = SurveyInvitation.State
REASON = "running a survey"


class Ended(Exception):
    """The wave is over, or this invitation was answered: nothing was written."""


@transaction.atomic
def plan(
    *, survey: Survey, questions: Iterable[tuple[str, str]], by: User, now: datetime
) -> Survey:
    """Save a wave that is planned with its questions (French, English), in their order.

    Raises ``Ended`` once its sample was drawn.
    """
    if not survey._state.adding:
        held = Survey.objects.select_for_update().get(pk=survey.pk)
        if not held.is_planned:
            raise Ended
    survey.planned_at, survey.planned_by = now, by
    survey.save()
    survey.questions.all().delete()
    SurveyQuestion.objects.bulk_create(
        SurveyQuestion(survey=survey, position=number, text_fr=french, text_en=english)
        for number, (french, english) in enumerate(questions, start=1)
    )
    return survey


@transaction.atomic
def stop(*, survey: Survey, now: datetime) -> None:
    """End a wave for good: nobody is asked any more, and what was answered is deleted.

    Raises ``Ended`` when it is over.
    """
    held = Survey.objects.select_for_update().get(pk=survey.pk)
    if held.is_over:
        raise Ended
    _wait_for_answers(held)
    held.stopped_at = now
    held.save(update_fields=["stopped_at"])
    SurveyAnswer.objects.system(REASON).filter(survey=held).delete()
    _forget(held)


def _running(invitation: SurveyInvitation, now: datetime) -> SurveyInvitation:
    """Return the invitation, locked, while it can be answered. Raises ``Ended``."""
    rows = SurveyInvitation.objects.system(REASON).select_related("survey")
    asked = rows.select_for_update(of=("self",)).get(pk=invitation.pk)
    if not is_open(asked.survey, timezone.localdate(now)) or asked.state == State.OVER:
        raise Ended
    return asked


def is_open(survey: Survey, today: date) -> bool:
    """Return whether a wave takes answers on this day."""
    return not survey.is_over and survey.drawn_at is not None and today <= survey.closes


@transaction.atomic
def answer(
    *,
    invitation: SurveyInvitation,
    marks: Mapping[int, int],
    words: str,
    channel: str,
    now: datetime,
    by: User | None = None,
) -> Claim | None:
    """Write the one answer of an invitation; ``marks`` maps keys of questions to 0–10.

    ``by`` is who wrote it down in the person's name. Words that speak of a danger become a request
    of the person, which is returned, and leave the answer: what is anonymous must not be found
    again by its words. Raises ``Ended`` when it was answered before or the wave is over.
    """
    asked = _running(invitation, now)
    if asked.state == State.ANSWERED:
        raise Ended
    claim = _file_danger(asked, words, channel, now) if words else None
    made = SurveyAnswer.objects.create(
        survey=asked.survey,
        invitation=asked,
        unit_id=asked.unit_id,
        channel=channel,
        words="" if claim else words,
    )
    SurveyMark.objects.bulk_create(
        [SurveyMark(answer=made, question_id=key, value=value) for key, value in marks.items()]
    )
    asked.state, asked.entered_by = State.ANSWERED, by
    asked.save(update_fields=["state", "entered_by"])
    # Who answers after all takes back an earlier refusal.
    SurveyRefusal.objects.system(REASON).filter(tenant=asked.tenant_id).delete()
    return claim


def _file_danger(
    invitation: SurveyInvitation, words: str, channel: str, now: datetime
) -> Claim | None:
    """Make a request of words that may speak of a danger: people are rung as for any other."""
    if dangers.find(words) is None:
        return None
    filing = Filing(
        channel=channel,
        key=claim_key(invitation),
        category=settings.PALIER_UNSORTED_CATEGORY,
        words=words,
        tenant=str(invitation.tenant_id),
        dwelling=invitation.dwelling_id,
        language=invitation.language,
    )
    try:
        return file_claim(filing, actor=Actor.TENANT, now=now)
    except Category.DoesNotExist:  # nothing is set up to sort it: the words stay in the answer
        return None


def claim_key(invitation: SurveyInvitation) -> str:
    """Return under which key the request of a danger is filed."""
    return f"survey:{invitation.pk}"


def claim_of(invitation: SurveyInvitation) -> Claim | None:
    """Return the request that was made of the words of an answer, if any."""
    rows = Claim.objects.system("a danger told in a survey")
    channels = (Channel.WEB, Channel.PHONE, Channel.COUNTER, Channel.LETTER)
    return rows.filter(channel__in=channels, key=claim_key(invitation)).first()


@transaction.atomic
def refuse(*, invitation: SurveyInvitation, now: datetime) -> None:
    """Remember that the person does not want to be asked, in this wave and later ones.

    Raises ``Ended`` when they answered, or the wave is over.
    """
    asked = _running(invitation, now)
    if asked.state == State.ANSWERED:
        raise Ended
    SurveyRefusal.objects.system(REASON).get_or_create(
        tenant_id=asked.tenant_id, defaults={"at": now}
    )
    asked.state = State.REFUSED
    asked.save(update_fields=["state"])


@transaction.atomic
def mark_posted(*, invitations: Iterable[str], survey: Survey, membership, now: datetime) -> int:
    """Record that these letters (keys) were posted; return how many were waiting."""
    rows = SurveyInvitation.objects.visible_to(membership).filter(
        survey=survey, pk__in=list(invitations), state=State.TO_POST
    )
    return rows.update(state=State.POSTED, invited_at=now)


@transaction.atomic
def close(*, survey: Survey, now: datetime) -> None:
    """Count the wave, then separate its answers from the persons, for good. Idempotent."""
    held = Survey.objects.select_for_update().get(pk=survey.pk)
    if held.is_over:
        return
    _wait_for_answers(held)
    held.results = results.count(held)
    held.closed_at = now
    held.save(update_fields=["results", "closed_at"])
    SurveyAnswer.objects.system(REASON).filter(survey=held).update(invitation=None)
    _forget(held)


def _wait_for_answers(survey: Survey) -> None:
    """Lock all invitations: an answer that is being written is counted, a later one refused."""
    rows = SurveyInvitation.objects.system(REASON).filter(survey=survey)
    list(rows.select_for_update().order_by("pk").values_list("pk"))


def _forget(survey: Survey) -> None:
    """Keep of the invitations only who was asked and when."""
    SurveyInvitation.objects.system(REASON).filter(survey=survey).update(
        state=State.OVER, channel="", address="", reminded_at=None, entered_by=None
    )
