"""Agencies' annotations on their figures, and the record of who looked at figures."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Membership, Unit
from portal.dates import full_day


class Annotation(models.Model):
    """A unit's explanation of one of its figures, shown to everybody who sees the figure.

    ``at`` is in UTC. ``withdrawn_at`` ends it; the text is kept.
    """

    class Figure(models.TextChoices):
        LINE = "line", _("The whole line")
        RECEIVED = "received", _("Came in")
        OPEN = "open", _("Still open")
        LATE = "late", _("Past the promise")
        BROKEN = "broken", _("Promises not kept")
        CLOSED = "closed", _("Settled")
        REOPENED = "reopened", _("Came back")
        FIXED = "fixed", _("Said fixed")
        MEDIAN = "median", _("Median days")

    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="annotations", verbose_name=_("unit")
    )
    figure = models.CharField(_("figure"), max_length=10, choices=Figure, default=Figure.LINE)
    text = models.CharField(_("text"), max_length=140)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("annotation")
        verbose_name_plural = _("annotations")
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="annotation_says_something"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=models.F("at")),
                name="annotation_withdrawn_after",
            ),
        ]
        indexes = [
            models.Index(
                fields=["unit", "-at"],
                condition=Q(withdrawn_at__isnull=True),
                name="annotation_in_force",
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit}: {self.text}"


class FigureView(models.Model):
    """One look at figures by a member. ``unit`` None: at those of all units at once."""

    membership = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("membership"))
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, verbose_name=_("unit"))
    path = models.CharField(_("page"), max_length=300)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("look at figures")
        verbose_name_plural = _("looks at figures")
        ordering = ["-at"]
        indexes = [models.Index(fields=["-at"], name="figure_view_at")]

    def __str__(self) -> str:
        return f"{self.path} {full_day(self.at)}"


class SavedBoard(models.Model):
    """A board that a member keeps: its address without the host, under a name of theirs."""

    membership = models.ForeignKey(
        Membership, models.CASCADE, related_name="boards", verbose_name=_("membership")
    )
    name = models.CharField(_("name"), max_length=60)
    board = models.CharField(_("board"), max_length=12)
    query = models.CharField(_("filters"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("kept board")
        verbose_name_plural = _("kept boards")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["membership", "name"], name="board_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="board_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Digest(models.Model):
    """A member who gets the week's figures by mail, and when the last one was queued."""

    membership = models.OneToOneField(
        Membership, models.CASCADE, related_name="figure_digest", verbose_name=_("membership")
    )
    sent_at = models.DateTimeField(_("last one"), null=True, blank=True)

    class Meta:
        verbose_name = _("week’s figures by mail")
        verbose_name_plural = _("weeks’ figures by mail")

    def __str__(self) -> str:
        return str(self.membership)
