"""The weekly slots of a contractor, and its absences."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Contractor, Sector
from portal.dates import clock


class WeeklySlot(models.Model):
    """One weekly span of one team, whole or divided into pieces of ``minutes``.

    ``capacity`` visits fit into each piece. No sector means everywhere. Times are local.
    """

    WEEKDAYS = [
        (0, _("Monday")),
        (1, _("Tuesday")),
        (2, _("Wednesday")),
        (3, _("Thursday")),
        (4, _("Friday")),
        (5, _("Saturday")),
        (6, _("Sunday")),
    ]

    contractor = models.ForeignKey(
        Contractor, models.CASCADE, related_name="weekly_slots", verbose_name=_("contractor")
    )
    team = models.CharField(_("team"), max_length=30, blank=True)
    weekday = models.PositiveSmallIntegerField(_("day"), choices=WEEKDAYS)
    starts = models.TimeField(_("starts"))
    ends = models.TimeField(_("ends"))
    minutes = models.PositiveSmallIntegerField(_("length of a visit, minutes"), null=True)
    capacity = models.PositiveSmallIntegerField(_("visits at a time"), default=1)
    sectors = models.ManyToManyField(Sector, blank=True, verbose_name=_("sectors"))

    class Meta:
        verbose_name = _("weekly availability")
        verbose_name_plural = _("weekly availability")
        ordering = ["weekday", "starts", "team", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(starts__lt=F("ends")), name="weekly_in_order"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="weekly_weekday"),
            models.CheckConstraint(
                condition=Q(capacity__gte=1, capacity__lte=9), name="weekly_capacity"
            ),
            models.CheckConstraint(
                condition=Q(minutes__isnull=True) | Q(minutes__gte=30, minutes__lte=480),
                name="weekly_minutes",
            ),
            models.UniqueConstraint(
                fields=["contractor", "team", "weekday", "starts"], name="weekly_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {clock(self.starts)}"


class Unavailability(models.Model):
    """Days on which a contractor does not come, in spite of its week; both ends included."""

    contractor = models.ForeignKey(
        Contractor, models.CASCADE, related_name="absences", verbose_name=_("contractor")
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    reason = models.CharField(_("reason"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("contractor’s absence")
        verbose_name_plural = _("contractors’ absences")
        ordering = ["first_day", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")), name="unavailability_in_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.contractor} {self.first_day}"
