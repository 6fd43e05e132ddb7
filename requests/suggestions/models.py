"""The suggestion model's versions, its off switch, and what people made of its guesses."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.dates import full_day
from requests.claims.models import Claim


class SuggestionModel(models.Model):
    """One version: an order to train until ``trained_at`` is set, then the trained weights.

    ``blob`` is plain arrays (requests/suggestions/classifier.py); ``mac`` is their HMAC under the
    installation's secret, so that bytes from elsewhere are refused. ``figures`` holds shares
    0–1 measured on texts left out of training.
    """

    version = models.PositiveIntegerField(_("version"), unique=True)
    asked_at = models.DateTimeField(_("asked"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("by")
    )
    trained_at = models.DateTimeField(_("trained"), null=True, blank=True)
    samples = models.PositiveIntegerField(_("texts learnt from"), default=0)
    history = models.PositiveIntegerField(_("of them requests of ours"), default=0)
    figures = models.JSONField(_("figures"), default=dict)
    blob = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    mac = models.CharField(max_length=64, blank=True)
    active = models.BooleanField(_("in use"), default=False)
    failure = models.CharField(_("failure"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("version of the suggestions")
        verbose_name_plural = _("versions of the suggestions")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["active"], condition=Q(active=True), name="one_suggestion_model_in_use"
            ),
            models.CheckConstraint(
                condition=Q(trained_at__isnull=True, blob__isnull=True)
                | Q(trained_at__isnull=False, blob__isnull=False),
                name="suggestion_model_trained_has_weights",
            ),
            models.CheckConstraint(
                condition=Q(active=False) | Q(trained_at__isnull=False),
                name="suggestion_model_in_use_is_trained",
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


class SuggestionSwitch(models.Model):
    """Suggestions were switched on or off; the last row counts, and none means on."""

    on = models.BooleanField(_("on"))
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("switch of the suggestions")
        verbose_name_plural = _("switches of the suggestions")
        ordering = ["-at", "-id"]
        get_latest_by = ["at", "id"]

    def __str__(self) -> str:
        return f"{'on' if self.on else 'off'} {full_day(self.at)}"


class Suggestion(models.Model):
    """What was guessed for a text and what a person chose. The text itself is not kept here."""

    digest = models.CharField(_("digest of the text"), max_length=64)
    claim = models.ForeignKey(
        Claim, models.CASCADE, null=True, blank=True, related_name="suggestions"
    )
    version = models.PositiveIntegerField(_("version"))
    guesses = models.JSONField(_("guesses"), default=list)
    chosen = models.CharField(_("chosen category"), max_length=10)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        constraints = [
            models.UniqueConstraint(fields=["digest", "version"], name="suggestion_noted_once")
        ]
        indexes = [models.Index(fields=["version"], name="suggestion_version")]

    def __str__(self) -> str:
        return f"v{self.version} {self.chosen}"
