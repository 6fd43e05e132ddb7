"""Files of a claim; always re-encoded or checked before they are stored."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.scope import GuardedManager
from requests.attachments.quarantine import Quarantined, QuarantinedFileField
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.kit.choices import Channel


def storage_name(attachment: "Attachment", _name: str) -> str:
    """Return a random path: nothing that a person typed ever names a file."""
    return f"attachments/{attachment.pk.hex[:2]}/{attachment.pk.hex}"


class Attachment(Quarantined):
    """One file of a claim. Without claim it is a draft of ``session``, kept for an hour.

    Served through an authorised view only. ``name`` is what people see, never a path.
    """

    class Kind(models.TextChoices):
        PHOTO = "photo", _("photo")
        DOCUMENT = "document", _("document")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey(
        Claim, models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    message = models.ForeignKey(
        Message, models.SET_NULL, null=True, blank=True, related_name="attachments"
    )
    session = models.CharField(max_length=64, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    name = models.CharField(_("name"), max_length=160)
    file = QuarantinedFileField(_("file"), upload_to=storage_name, max_length=120)
    content_type = models.CharField(_("type"), max_length=60)
    size = models.PositiveIntegerField(_("size, bytes"))
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    at = models.DateTimeField(_("at"))
    # Among the files that came together.
    place = models.PositiveSmallIntegerField(default=0, db_default=0)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["at", "place", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(claim__isnull=False) | ~Q(session=""), name="attachment_has_a_place"
            )
        ]
        indexes = [
            models.Index(fields=["at"], condition=Q(claim__isnull=True), name="attachment_draft"),
            models.Index(
                fields=["virus_state"],
                condition=Q(virus_state__in=["waiting", "refused"]),
                name="attachment_closed",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_sound(self) -> bool:
        """Return whether a page may play it as a voice message."""
        return self.content_type.startswith("audio/")

    @property
    def is_film(self) -> bool:
        return self.content_type.startswith("video/")

    @property
    def is_played(self) -> bool:
        return self.is_sound or self.is_film
