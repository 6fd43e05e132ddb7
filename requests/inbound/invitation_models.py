"""The private answer to a public post.

Rows are kept, so that one post and one person get only one.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.scope import GuardedManager
from requests.channels.models import Intake


class Invitation(models.Model):
    """One message to a person who wrote on our public page; never a public comment.

    ``person`` is the provider's number of the author, ``day`` the local day of the invitation.
    ``kind`` and ``number`` name the comment or post that it answers. ``attempts`` is counted before
    the effect.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("to be sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    class Kind(models.TextChoices):
        COMMENT = "comment_id", _("comment")
        POST = "post_id", _("post")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    intake = models.OneToOneField(Intake, models.PROTECT, related_name="invitation")
    person = models.CharField(_("author"), max_length=60)
    day = models.DateField(_("day"))
    kind = models.CharField(max_length=10, choices=Kind)
    number = models.CharField(_("provider’s number"), max_length=120)
    text = models.TextField(_("text"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    provider_id = models.CharField(max_length=200, blank=True)
    answer = models.TextField(_("provider’s answer"), blank=True)
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("private answer")
        verbose_name_plural = _("private answers")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "day"],
                condition=~Q(state="failed"),
                name="one_invitation_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sent", "failed"]), name="invitation_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="invitation_sent_at"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
