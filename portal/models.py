"""Accounts, the counters that slow guessing down, and the pulse of background processes."""

import hashlib
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portal.audit_models import AuditBatch, AuditKey, AuditOpening, AuditSeal

__all__ = [
    "ApiToken",
    "AuditBatch",
    "AuditKey",
    "AuditOpening",
    "AuditSeal",
    "Pulse",
    "Throttle",
    "User",
]


class UserManager(BaseUserManager["User"]):
    """Creates accounts keyed by a lower-cased e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Someone who can sign in: tenant, staff or contractor alike."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    phone = models.CharField(_("mobile phone"), max_length=16, blank=True)
    phone_verified = models.BooleanField(_("phone verified"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the settings"), default=False)
    # Part of what keeps a session valid: a new value ends them all (portal/sign_outs.py).
    sessions_nonce = models.CharField(
        max_length=16, blank=True, default="", db_default="", editable=False
    )
    date_joined = models.DateTimeField(_("joined"), auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["phone"], condition=Q(phone_verified=True), name="verified_phone_once"
            ),
            models.CheckConstraint(
                condition=Q(phone_verified=False) | ~Q(phone=""), name="verified_phone_is_one"
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_session_auth_hash(self) -> str:
        """Return what a session must know: Django's hash of the password, and the nonce."""
        return self._with_nonce(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Yield the same under the former secret keys."""
        yield from map(self._with_nonce, super().get_session_auth_fallback_hash())

    def _with_nonce(self, known: str) -> str:
        if not self.sessions_nonce:
            return known
        return hashlib.sha256(f"{known}{self.sessions_nonce}".encode()).hexdigest()

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email


class Throttle(models.Model):
    """How often one thing was tried lately; portal/throttle.py alone writes it.

    ``key`` is an HMAC: neither an address nor an e-mail can be read back from this table.
    ``bucket`` numbers the window of ``current``; ``previous`` is the count of the one before.
    """

    scope = models.CharField(max_length=40)
    key = models.CharField(max_length=64)
    bucket = models.BigIntegerField()
    current = models.PositiveIntegerField()
    previous = models.PositiveIntegerField()
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("rate limit")
        verbose_name_plural = _("rate limits")
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="throttle_once")]

    def __str__(self) -> str:
        return f"{self.scope} {self.current}"


class SentForm(models.Model):
    """A form that was sent and done; portal/form_keys.py alone writes it.

    ``digest`` holds its key and all it said; ``address`` is where its answer led.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    address = models.CharField(_("address"), max_length=500, blank=True)
    at = models.DateTimeField(_("sent"), db_index=True)

    class Meta:
        verbose_name = _("sent form")
        verbose_name_plural = _("sent forms")

    def __str__(self) -> str:
        return self.digest[:8]


class Pulse(models.Model):
    """When a background process last did something, on the database's clock."""

    name = models.CharField(_("name"), max_length=20, primary_key=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("pulse")
        verbose_name_plural = _("pulses")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str) -> None:
        """Note that ``name`` lives; at most once a second, so that a burst writes nothing."""
        recent = Now() - timedelta(seconds=1)
        if not cls.objects.filter(name=name, at__lt=recent).update(at=Now()):
            Pulse.objects.bulk_create([Pulse(name=name, at=Now())], ignore_conflicts=True)


class ApiTokenQuerySet(models.QuerySet):
    def in_force(self, now: datetime) -> "ApiTokenQuerySet":
        """Return those that work at ``now``, of open accounts."""
        return self.filter(revoked_at=None, ends_at__gt=now, user__is_active=True)


class ApiToken(models.Model):
    """What another tool calls the API with; only its digest is kept (portal/api_tokens.py)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    start = models.CharField(max_length=10)
    writes = models.BooleanField(_("may write"), default=False)
    made_at = models.DateTimeField(_("made"))
    ends_at = models.DateTimeField(_("ends"))
    used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.user} {self.start}…"


class SignOnIdentity(models.Model):
    """Whom an account is at the landlord's sign-on provider; linked once (portal/signon/).

    ``subject`` is the provider's number of the person, which never passes to somebody else, as an
    e-mail address may.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="signon_identities")
    issuer = models.CharField(_("provider"), max_length=255)
    subject = models.CharField(_("number of the person there"), max_length=255)
    linked_at = models.DateTimeField(_("linked"))
    used_at = models.DateTimeField(_("last used"))

    class Meta:
        verbose_name = _("login through the organisation")
        verbose_name_plural = _("logins through the organisation")
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="signon_subject_once"),
            models.UniqueConstraint(fields=["issuer", "user"], name="signon_user_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.issuer}"
