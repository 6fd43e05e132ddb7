"""A wave of the satisfaction survey, its questions, who is invited, and what was answered."""

import secrets
import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from agencies.models import Dwelling, Unit
from portal.access import DESK_ROLES, Role
from portal.scope import GuardedManager, ScopedManager
from requests.kit.choices import Channel
from tenants.models import Tenant

# Without 0 O 1 I L U V, which are easily confused when read from paper.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"
CODE = 12  # 58 bits: long enough not to be guessed in the weeks that a wave lasts
HIGHEST = 10
SEE_ALL = frozenset({Role.HEAD_OFFICE, Role.CALL_TAKER, Role.ON_CALL})


def new_code() -> str:
    """Return a random code: it opens one questionnaire, by link or typed from a letter."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE))


class Survey(models.Model):
    """One wave. Invitations leave on ``opens``; nobody answers after ``closes`` (local days).

    ``share`` is the per cent of occupied homes of each agency that are drawn. ``results`` is what
    was counted when the wave closed (``results.py``): from then on nothing leads from an answer to
    a person, and the wave does not change any more.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=80)
    opens = models.DateField(_("invitations leave on"))
    closes = models.DateField(_("last day to answer"))
    remind_after = models.PositiveSmallIntegerField(_("days before the reminder"), default=10)
    share = models.PositiveSmallIntegerField(
        _("homes to ask, in per cent"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    asks_words = models.BooleanField(_("ask for their own words too"), default=True)
    planned_at = models.DateTimeField(_("planned"))
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    drawn_at = models.DateTimeField(_("sample drawn"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    # Occupied homes and people who could be asked, by unit, on the day of the draw.
    frame = models.JSONField(default=dict)
    results = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["-opens", "-planned_at"]
        constraints = [
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="survey_in_order"),
            models.CheckConstraint(
                condition=Q(share__gte=1, share__lte=100), name="survey_share_of_hundred"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_planned(self) -> bool:
        """Return whether it may still be changed: nobody was drawn."""
        return self.drawn_at is None and self.stopped_at is None

    @property
    def is_over(self) -> bool:
        """Return whether nobody can answer any more."""
        return self.closed_at is not None or self.stopped_at is not None


class SurveyQuestion(models.Model):
    """A question answered from 0 to 10; the first one is the overall satisfaction."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    text_fr = models.CharField(_("in French"), max_length=160)
    text_en = models.CharField(_("in English"), max_length=160)

    class Meta:
        verbose_name = _("question of a survey")
        verbose_name_plural = _("questions of surveys")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "position"], name="survey_question_once")
        ]

    def __str__(self) -> str:
        english = (translation.get_language() or "").startswith("en")
        return self.text_en if english else self.text_fr


class InvitationQuerySet(models.QuerySet):
    """Invitations, filtered by reader."""

    def visible_to(self, membership) -> "InvitationQuerySet":
        """Return those of the unit's homes; all for those who work for every agency."""
        if membership is None or membership.role not in DESK_ROLES:
            return self.none()
        if membership.role in SEE_ALL:
            return self.all()
        return self.filter(unit=membership.unit_id)

    def waiting(self) -> "InvitationQuerySet":
        """Return those that were neither answered nor refused, of waves that run."""
        return self.exclude(state__in=SurveyInvitation.FINAL).filter(
            survey__closed_at__isnull=True, survey__stopped_at__isnull=True
        )


class InvitationManager(ScopedManager[InvitationQuerySet]):
    """The scopes an invitation may be asked for through."""

    rows = InvitationQuerySet

    def visible_to(self, membership) -> InvitationQuerySet:
        return self.unscoped_rows().visible_to(membership)


class SurveyInvitation(models.Model):
    """One person asked in one wave, by their own channel; ``code`` opens the questionnaire once.

    When the wave closes the row keeps only who was asked and when, so that nobody is asked twice
    within a year: state ``over``, without channel, address or moments.
    """

    class State(models.TextChoices):
        DRAWN = "drawn", _("drawn")
        QUEUED = "queued", _("to be sent")
        SENT = "sent", _("sent")
        TO_POST = "to_post", _("letter to post")
        POSTED = "posted", _("letter posted")
        TO_CALL = "to_call", _("to call")
        ANSWERED = "answered", _("answered")
        REFUSED = "refused", _("does not want to")
        OVER = "over", _("over")

    FINAL = (State.ANSWERED, State.REFUSED, State.OVER)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="invitations")
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    code = models.CharField(max_length=CODE, unique=True, default=new_code)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAWN)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, blank=True)
    address = models.CharField(_("address"), max_length=254, blank=True)
    language = models.CharField(_("language"), max_length=5, default="fr")
    invited_at = models.DateTimeField(_("invited"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    # Who wrote the answers down in the person's name, until the wave closes.
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    unscoped = InvitationQuerySet.as_manager()
    objects = InvitationManager()

    class Meta:
        verbose_name = _("invitation to a survey")
        verbose_name_plural = _("invitations to surveys")
        ordering = ["survey", "dwelling"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "tenant"], name="survey_person_once"),
            models.UniqueConstraint(fields=["survey", "dwelling"], name="survey_home_once"),
        ]
        indexes = [models.Index(fields=["survey", "state"], name="survey_invitation_state")]

    def __str__(self) -> str:
        return f"{self.survey_id} · {self.pk}"

    @property
    def shown_code(self) -> str:
        """Return the code as it is printed: « 7K4Q-2M9X-HJ3P »."""
        return "-".join(self.code[n : n + 4] for n in range(0, CODE, 4))


class SurveyAnswer(models.Model):
    """What one person answered. ``invitation`` is emptied when the wave closes.

    Until then it goes with its invitation, so that an erasure of the person reaches it.

    Then only the unit and the channel of the answer stay beside it. It has no moment of its own,
    and its key is random, so that no order tells who it was.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="answers")
    invitation = models.OneToOneField(
        SurveyInvitation, models.CASCADE, null=True, blank=True, related_name="answer"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    channel = models.CharField(_("answered by"), max_length=10, choices=Channel)
    words = models.TextField(_("own words"), blank=True)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("answer to a survey")
        verbose_name_plural = _("answers to surveys")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.pk)


class SurveyMark(models.Model):
    """One number from 0 to 10 of one answer; a question may be left out."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    answer = models.ForeignKey(SurveyAnswer, models.CASCADE, related_name="marks")
    question = models.ForeignKey(SurveyQuestion, models.CASCADE, related_name="+")
    value = models.PositiveSmallIntegerField()

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("mark of a survey")
        verbose_name_plural = _("marks of surveys")
        constraints = [
            models.UniqueConstraint(fields=["answer", "question"], name="survey_mark_once"),
            models.CheckConstraint(condition=Q(value__lte=HIGHEST), name="survey_mark_to_ten"),
        ]

    def __str__(self) -> str:
        return str(self.value)


class SurveyRefusal(models.Model):
    """A person who does not want to be asked: no later wave draws them."""

    tenant = models.OneToOneField(Tenant, models.CASCADE, related_name="+")
    at = models.DateTimeField(_("since"))

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("refusal of surveys")
        verbose_name_plural = _("refusals of surveys")

    def __str__(self) -> str:
        return str(self.pk)
