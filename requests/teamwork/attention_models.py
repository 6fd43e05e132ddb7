"""What somebody wants to see of a claim, and when: put aside until a date, or followed."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Membership
from requests.claims.event_models import WHY
from requests.claims.models import Claim


class Snooze(models.Model):
    """A claim that its desk does not look at until ``until``; it comes back by itself.

    ``ended_at``: when a step or a person brought it back before.
    """

    class Why(models.TextChoices):
        PART = "part", WHY["part"]
        COMPANY = "company", WHY["company"]
        COLLEAGUE = "colleague", WHY["colleague"]
        DOCUMENT = "document", WHY["document"]
        LATER = "later", WHY["later"]

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="snoozes")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    why = models.CharField(_("why"), max_length=10, choices=Why)
    starts_at = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"))
    ended_at = models.DateTimeField(_("brought back"), null=True, blank=True)

    class Meta:
        verbose_name = _("claim put aside")
        verbose_name_plural = _("claims put aside")
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim"], condition=Q(ended_at__isnull=True), name="put_aside_once"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("starts_at")), name="snooze_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} · {self.until:%Y-%m-%d %H:%M}"


class Watch(models.Model):
    """A claim that a person follows; what others do after ``seen_at`` is news to them."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="watches")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="watches")
    seen_at = models.DateTimeField(_("seen"))
    mailed_at = models.DateTimeField(_("told by mail"), null=True, blank=True)

    class Meta:
        verbose_name = _("claim followed")
        verbose_name_plural = _("claims followed")
        constraints = [
            models.UniqueConstraint(fields=["claim", "membership"], name="followed_once")
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} · {self.membership}"


class MailChoice(models.Model):
    """How often a person is told by mail of what was given to them and of what they follow."""

    class How(models.TextChoices):
        NEVER = "never", _("Never")
        AT_ONCE = "at_once", _("At once")
        DAILY = "daily", _("Once a day, in the morning")

    membership = models.OneToOneField(Membership, models.CASCADE, related_name="mail_choice")
    how = models.CharField(_("how often"), max_length=8, choices=How, default=How.DAILY)

    class Meta:
        verbose_name = _("choice of mails")
        verbose_name_plural = _("choices of mails")

    def __str__(self) -> str:
        return f"{self.membership} · {self.how}"
