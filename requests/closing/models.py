"""The end of a claim: attempts to hear the tenant, feedback and proof."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.scope import GuardedManager
from requests.claims.models import Claim
from requests.kit.choices import Channel


class ClosingStep(models.Model):
    """One attempt to learn whether the fault is fixed. ``turn`` is the number of reopenings.

    A job sends the reminder; a person makes the call and the check and records the outcome.
    """

    class Kind(models.TextChoices):
        REMINDER = "reminder", _("reminder")
        CALL = "call", _("call")
        CHECK = "check", _("caretaker’s check")

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        DUE = "due", _("to do")
        DONE = "done", _("done")
        STOPPED = "stopped", _("no longer needed")

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="closing_steps")
    turn = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PLANNED)
    due_at = models.DateTimeField(_("due"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    outcome = models.CharField(_("what came out"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("closing step")
        verbose_name_plural = _("closing steps")
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "turn", "kind"], name="closing_step_once"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(done_at__isnull=False), name="closing_done_dated"
            ),
            models.CheckConstraint(
                condition=~Q(state="done")
                | Q(kind="reminder")
                | (Q(by__isnull=False) & ~Q(outcome="")),
                name="closing_done_by_someone",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="due"), name="closing_to_do")]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.kind}"


class Feedback(models.Model):
    """The tenant's score on a scale of four, once per end of a claim."""

    class Score(models.IntegerChoices):
        VERY_BAD = 1, _("Very bad")
        BAD = 2, _("Rather bad")
        GOOD = 3, _("Rather good")
        VERY_GOOD = 4, _("Very good")

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="feedback")
    turn = models.PositiveSmallIntegerField(default=0)
    score = models.PositiveSmallIntegerField(_("score"), choices=Score)
    word = models.CharField(_("a comment"), max_length=500, blank=True)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    at = models.DateTimeField(_("at"))

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "turn"], name="feedback_once"),
            models.CheckConstraint(condition=Q(score__gte=1, score__lte=4), name="feedback_score"),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.score}"


class Proof(models.Model):
    """A dossier as it was handed out, with the SHA-256 printed on it."""

    sha256 = models.CharField(max_length=64, unique=True)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="proofs")
    content = models.JSONField()
    made_at = models.DateTimeField(_("made"))

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("proof")
        verbose_name_plural = _("proofs")
        ordering = ["made_at"]
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="proof_hash")
        ]

    def __str__(self) -> str:
        return self.sha256[:12]
