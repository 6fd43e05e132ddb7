"""Mentions of colleagues in internal notes, and ready-made replies."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from agencies.models import Unit
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.notifications import texts


class Mention(models.Model):
    """A colleague mentioned with @ in an internal note; unseen until they confirm reading it."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="mentions")
    claim = models.ForeignKey(Claim, models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mentions")
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="mention_once")]
        indexes = [
            models.Index(fields=["user"], condition=Q(seen_at__isnull=True), name="mention_unseen")
        ]

    def __str__(self) -> str:
        return f"@{self.user}"


class CannedReply(models.Model):
    """A text that is often sent, with variables; it belongs to one unit or to the landlord."""

    unit = models.ForeignKey(
        Unit,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="canned_replies",
        verbose_name=_("unit"),
        help_text=_("Nothing chosen: every unit may use it."),
    )
    name = models.CharField(_("name"), max_length=60)
    language = models.CharField(
        _("language"),
        max_length=5,
        choices=[("fr", _("French")), ("en", _("English"))],
        default="fr",
    )
    body = models.TextField(_("text"), max_length=2000)

    class Meta:
        verbose_name = _("ready-made reply")
        verbose_name_plural = _("ready-made replies")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"), "unit", "language", name="canned_reply_name", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse an unknown variable."""
        if faults := texts.text_faults(self.body, without={"text"}):
            raise ValidationError({"body": faults})
