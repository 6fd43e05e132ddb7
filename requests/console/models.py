"""Invitations of the landlord’s people, and drafts of the catalogue."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Membership
from requests.catalogue.models import Category


class StaffInvitation(models.Model):
    """What was mailed to somebody who gets a role; only the digest of its link is kept.

    Sending it again replaces the link. It ends when it is used, withdrawn, or at ``expires_at``.
    """

    membership = models.OneToOneField(
        Membership, models.CASCADE, related_name="invitation", verbose_name=_("membership")
    )
    digest = models.CharField(max_length=64, unique=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    sent_at = models.DateTimeField(_("sent"))
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("sent_at")), name="staff_invitation_ends"
            )
        ]

    def __str__(self) -> str:
        return str(self.membership_id)

    def is_open(self, now: datetime) -> bool:
        """Return whether its link still works."""
        return self.accepted_at is None and now < self.expires_at


class CategoryDraft(models.Model):
    """An edit of a category that nobody reads yet: its values as the form typed them."""

    category = models.OneToOneField(
        Category, models.CASCADE, related_name="draft", verbose_name=_("category")
    )
    typed = models.JSONField(_("typed"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("draft of a category")
        verbose_name_plural = _("drafts of categories")

    def __str__(self) -> str:
        return str(self.category)
