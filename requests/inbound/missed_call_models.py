"""Missed calls to return: one task per number until somebody was reached."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal import phones
from portal.dates import full_day
from portal.scope import GuardedManager
from requests.kit.choices import CallOutcome


class MissedCall(models.Model):
    """A number that called ``times`` times without an answer.

    An unanswered attempt to call back moves ``due_at`` to later.
    """

    number = models.CharField(_("number"), max_length=30)
    first_at = models.DateTimeField(_("first call"))
    last_at = models.DateTimeField(_("last call"))
    times = models.PositiveSmallIntegerField(_("calls"), default=1)
    due_at = models.DateTimeField(_("to be called back from"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("call to return")
        verbose_name_plural = _("calls to return")
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=Q(done_at=None), name="one_call_to_return"
            ),
            models.CheckConstraint(
                condition=Q(last_at__gte=F("first_at")), name="missed_calls_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def display_number(self) -> str:
        """Return the number as people write it."""
        return phones.national_format(self.number)


class CallAttempt(models.Model):
    """One attempt to call back: its result, dated and signed.

    ``by`` is empty when they called again and somebody answered.
    """

    missed = models.ForeignKey(MissedCall, models.CASCADE, related_name="attempts")
    outcome = models.CharField(_("result"), max_length=10, choices=CallOutcome)
    note = models.CharField(_("what was said"), max_length=300, blank=True)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("call returned")
        verbose_name_plural = _("calls returned")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.outcome} {full_day(self.at)}"
