"""Absences of members of staff, and their stand-ins, so that no claim waits for them."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from agencies.models.organisation import Membership
from portal.dates import full_day


class DateRange(Func):
    """``daterange(first_day, last_day, '[]')``: both days included."""

    function = "DATERANGE"
    template = "%(function)s(%(expressions)s, '[]')"
    output_field = DateRangeField()


class Absence(models.Model):
    """Local days, both included, on which ``membership`` is away. No reason is ever asked.

    Without ``replacement`` the work goes back to the desk. A mistake is cancelled, not deleted.
    """

    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="absences", verbose_name=_("who is away")
    )
    replacement = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaces",
        verbose_name=_("replaced by"),
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    entered_at = models.DateTimeField(_("entered"))
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["first_day", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")), name="absence_in_order"
            ),
            models.CheckConstraint(
                condition=Q(replacement__isnull=True) | ~Q(replacement=F("membership")),
                name="absence_replaced_by_another",
            ),
            ExclusionConstraint(
                name="one_absence_at_a_time",
                expressions=[
                    ("membership", RangeOperators.EQUAL),
                    (DateRange("first_day", "last_day"), RangeOperators.OVERLAPS),
                ],
                condition=Q(cancelled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership} {full_day(self.first_day)} – {full_day(self.last_day)}"
