"""Keys of Open311 applications; only a digest of each is stored."""

import hashlib
import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}(?::\d{2,5})?")


class Open311Key(models.Model):
    """The right of one application to post requests.

    The key is shown once, when it is made, and never stored; ``start`` holds its first characters.
    """

    name = models.CharField(_("application"), max_length=80)
    contact = models.EmailField(_("who answers for it"))
    start = models.CharField(_("begins with"), max_length=6, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    per_minute = models.PositiveSmallIntegerField(_("calls per minute, at most"), default=60)
    media_hosts = models.TextField(
        _("fetch photos from"),
        blank=True,
        default="",
        db_default="",
        help_text=_("Hosts of this application’s photos, one a line, such as media.city.example."),
    )
    active = models.BooleanField(_("may post"), default=True)
    made_at = models.DateTimeField(_("made"), editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("Open311 key")
        verbose_name_plural = _("Open311 keys")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(per_minute__gte=1),
                name="open311_key_may_call",
                violation_error_message=_("At least one call per minute."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Raise ValidationError for a line that is no host."""
        wrong = [host for host in self.hosts if not HOST.fullmatch(host)]
        if wrong:
            said = _("“%(host)s” is not a host: write media.city.example, without https://.")
            raise ValidationError({"media_hosts": said % {"host": wrong[0]}})

    @property
    def hosts(self) -> list[str]:
        """Return the hosts from which photos of its reports are fetched."""
        return self.media_hosts.lower().split()

    @staticmethod
    def digest_of(key: str) -> str:
        """Return the SHA-256 of a key; the keys are random and long, so no salt is needed."""
        return hashlib.sha256(key.encode()).hexdigest()
