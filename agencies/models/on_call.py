"""The ladder by which a unit rings its people about a danger."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.models.organisation import Unit
from portal import phones


class OnCallRung(models.Model):
    """One step of a ladder: a text message to ``phone``, then ``minutes`` until the next step.

    Rows without unit are the landlord's ladder, for the units that have none of their own.
    """

    class Hours(models.TextChoices):
        ALWAYS = "always", _("at any hour")
        OPEN = "open", _("while the unit is open")
        CLOSED = "closed", _("while the unit is closed")

    unit = models.ForeignKey(
        Unit,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="rungs",
        verbose_name=_("unit (all if empty)"),
    )
    position = models.PositiveSmallIntegerField(
        _("place on the ladder"), default=1, help_text=_("1 is rung first.")
    )
    name = models.CharField(_("who is rung"), max_length=80)
    phone = models.CharField(
        _("mobile phone"), max_length=30, help_text=_("It gets a text message, at night too.")
    )
    minutes = models.PositiveSmallIntegerField(
        _("minutes until the next one is rung"), default=5, help_text=_("From 1 to 60.")
    )
    hours = models.CharField(_("when"), max_length=6, choices=Hours, default=Hours.ALWAYS)

    class Meta:
        verbose_name = _("step of the on-call ladder")
        verbose_name_plural = _("on-call ladder")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=60),
                name="rung_minutes",
                violation_error_message=_("Give from 1 to 60 minutes."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.name}"

    def clean(self) -> None:
        """Refuse a number that takes no text message: nobody would be rung."""
        super().clean()
        if self.phone and not phones.takes_sms(self.phone):
            said = _("Give a mobile phone: this number takes no text message.")
            raise ValidationError({"phone": said})
