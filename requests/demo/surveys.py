"""Surveys of the demo: two that closed, 6 and 18 months ago, and one that runs."""

from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from agencies.models import Membership
from portal.access import Role
from requests.jobs.models import Job
from requests.kit.choices import Channel
from requests.notifications.models import Delivery
from requests.surveys import actions, invitations
from requests.surveys.forms import PROPOSED
from requests.surveys.models import Survey, SurveyAnswer, SurveyInvitation, SurveyMark

State = SurveyInvitation.State
# Of each question: about which mark, in the older and in the newer wave.
ABOUT = ((6.6, 6.9, 6.1, 5.6, 6.2), (7.0, 7.4, 6.2, 5.2, 6.6))
ANSWERS = {Channel.EMAIL: 0.38, Channel.SMS: 0.34, Channel.LETTER: 0.22, Channel.PHONE: 0.55}
WORDS = (
    "Le hall n’est pas lavé le week-end.",
    "Merci à la gardienne, toujours disponible.",
    "On m’a rappelé le jour même, c’était bien.",
    "Trop de temps pour le chauffage l’hiver dernier.",
    "Rien à signaler.",
    "L’ascenseur tombe souvent en panne.",
)


def build(now: datetime) -> None:
    """Write the three waves; nothing is sent."""
    head = Membership.objects.filter(role=Role.HEAD_OFFICE).order_by("pk").first()
    if head is None:
        return
    rng = Random(16)
    for name, ago, about in (("Printemps 2025", 540, ABOUT[0]), ("Printemps 2026", 200, ABOUT[1])):
        _closed(name, now - timedelta(days=ago), about, head, rng)
    wave = _plan("Automne 2026", now - timedelta(days=6), 12, head)
    invitations.draw(survey=wave, now=now - timedelta(days=6), rng=rng)
    while invitations.invite(survey=wave, now=now - timedelta(days=6)):
        pass
    _sent(wave, now)
    waiting = SurveyInvitation.objects.system("demo").filter(survey=wave, state=State.SENT)
    _answer(wave, list(waiting), ABOUT[1], rng, 0.5)
    Job.objects.all().delete()  # the demonstration begins at rest


def _plan(name: str, at: datetime, share: int, head: Membership) -> Survey:
    opens = timezone.localdate(at)
    wave = Survey(name=name, opens=opens, closes=opens + timedelta(days=35), share=share)
    return actions.plan(survey=wave, questions=PROPOSED, by=head.user, now=at - timedelta(days=9))


def _closed(
    name: str, at: datetime, about: tuple[float, ...], head: Membership, rng: Random
) -> None:
    wave = _plan(name, at, 30, head)
    invitations.draw(survey=wave, now=at, rng=rng)
    wave.refresh_from_db()
    rows = list(SurveyInvitation.objects.system("demo").filter(survey=wave).order_by("dwelling"))
    for row in rows:
        row.channel = rng.choice(list(ANSWERS))
        row.state = State.SENT
    SurveyInvitation.objects.system("demo").bulk_update(rows, ["channel", "state"])
    _answer(wave, rows, about, rng, 1.0)
    actions.close(survey=wave, now=at + timedelta(days=36))


def _answer(
    wave: Survey,
    rows: list[SurveyInvitation],
    about: tuple[float, ...],
    rng: Random,
    part: float,
) -> None:
    """Let about the usual part of ``rows`` answer, times ``part``."""
    questions = list(wave.questions.all())
    answers, marks, done = [], [], []
    for row in rows:
        if rng.random() > ANSWERS[Channel(row.channel)] * part:
            continue
        by = Channel.WEB if row.channel in invitations.BY_MACHINE else Channel(row.channel)
        words = rng.choice(WORDS) if rng.random() < 0.3 else ""
        made = SurveyAnswer(
            survey=wave, invitation=row, unit_id=row.unit_id, channel=by, words=words
        )
        mood = rng.gauss(0, 1.4)
        answers.append(made)
        done.append(row.pk)
        marks += [
            SurveyMark(
                answer=made,
                question=question,
                value=max(0, min(10, round(middle + mood + rng.gauss(0, 1.2)))),
            )
            for question, middle in zip(questions, about, strict=True)
        ]
    SurveyAnswer.objects.bulk_create(answers)
    SurveyMark.objects.bulk_create(marks)
    SurveyInvitation.objects.system("demo").filter(pk__in=done).update(state=State.ANSWERED)


def _sent(wave: Survey, now: datetime) -> None:
    """Let the invitations look sent: a demo sends nothing by itself."""
    at = now - timedelta(days=6)
    Delivery.objects.system("demo").filter(kind=Delivery.Kind.SURVEY).update(
        state=Delivery.State.SENT, attempts=1, sent_at=at
    )
    SurveyInvitation.objects.system("demo").filter(survey=wave, state=State.QUEUED).update(
        state=State.SENT, invited_at=at
    )
