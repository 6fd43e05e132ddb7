"""The landlord's own mailboxes: where they are read, and whether they answer."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from agencies.models import Unit
from portal.secrets import check_name

THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


class Mailbox(models.Model):
    """One address of ours. Secrets stay in the environment; here is only their name.

    ``last_uid`` and ``uid_validity`` say how far IMAP was read; ``leased_until`` keeps two
    pollers apart; ``errors`` in a row push ``next_poll_at`` away. ``stuck`` counts the tries of
    messages that the server does not hand out, by UID, and -1 marks those behind them that are
    stored; ``good_uid`` is one that it handed out. Until ``watched_until`` it tells us of new
    messages at once.
    """

    class Security(models.TextChoices):
        TLS = "tls", _("TLS")
        STARTTLS = "starttls", _("STARTTLS")
        NONE = "none", _("none (same machine only)")

    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    address = models.EmailField(_("address"), unique=True)
    host = models.CharField(_("IMAP server"), max_length=200, blank=True)
    port = models.PositiveIntegerField(_("port"), default=993)
    security = models.CharField(
        _("security"), max_length=10, choices=Security, default=Security.TLS
    )
    username = models.CharField(_("account"), max_length=200, blank=True)
    secret_name = models.CharField(
        _("environment variable of the password"),
        max_length=60,
        blank=True,
        validators=[check_name],
    )
    webhook_secret_name = models.CharField(
        _("environment variable of the webhook key"),
        max_length=60,
        blank=True,
        validators=[check_name],
    )
    folder = models.CharField(_("folder"), max_length=120, default="INBOX")
    authserv_id = models.CharField(
        _("name of our mail server in Authentication-Results"), max_length=200, blank=True
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("unit"),
        help_text=_("Whose tray its messages wait in; empty: that of every desk."),
    )
    active = models.BooleanField(_("read"), default=True)

    uid_validity = models.BigIntegerField(null=True, blank=True)
    last_uid = models.BigIntegerField(default=0)
    good_uid = models.BigIntegerField(default=0, db_default=0)
    stuck = models.JSONField(default=dict, blank=True, db_default={})
    watched_until = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(_("last success"), null=True, blank=True)
    last_message_at = models.DateTimeField(_("last message"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    errors = models.PositiveIntegerField(_("errors in a row"), default=0)
    next_poll_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.address

    def clean(self) -> None:
        """Refuse a password in clear to another machine; ``inbound/imap_session.py`` does too."""
        if self.security == self.Security.NONE and self.host not in (*THIS_MACHINE, ""):
            raise ValidationError({"security": _("Without TLS only on this machine.")})
