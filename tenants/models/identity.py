"""Who is who: records merged by a person, records kept apart, and proxies with their mandates."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.scope import GuardedManager
from tenants.models.people import Tenant
from tenants.querysets import MandateManager, MandateQuerySet, MergeManager, MergeQuerySet


class IdentityMerge(models.Model):
    """One record absorbed by another; ``snapshot`` holds all that undoing needs.

    ``snapshot``: ``changes`` (model, pk, values before and after, in the order made), ``claims``
    (ids moved), ``kept_units`` and ``absorbed_units`` (where each side lived, for permissions).
    Rows are numbered in the order of the merges; ``key`` is the one in addresses.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kept = models.ForeignKey(Tenant, models.PROTECT, related_name="+", verbose_name=_("kept"))
    absorbed = models.ForeignKey(
        Tenant, models.PROTECT, related_name="+", verbose_name=_("absorbed")
    )
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    reason = models.CharField(_("reason"), max_length=200)
    snapshot = models.JSONField(_("what moved"))
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("undone by"),
    )

    objects = MergeManager()
    unscoped = MergeQuerySet.as_manager()

    class Meta:
        default_manager_name = "unscoped"
        verbose_name = _("merge of two people’s records")
        verbose_name_plural = _("merges of people’s records")
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("absorbed")), name="merge_of_two"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(undone_at__gte=F("at")),
                name="merge_undone_after",
            ),
            models.UniqueConstraint(
                fields=["absorbed"], condition=Q(undone_at__isnull=True), name="absorbed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}"


class Distinct(models.Model):
    """Two records that a person found to be two people: not proposed again."""

    one = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    other = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("two different people")
        verbose_name_plural = _("pairs of different people")
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="distinct_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="distinct_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} {self.other_id}"


class Mandate(models.Model):
    """A tenant lets somebody act for them, with a proof of consent and an end.

    ``consent_at`` None: asked, not consented to yet. ``proxy`` None: not accepted yet by an
    account that proved to own ``proxy_email``. Dates are days in Europe/Paris, both included.
    """

    class Scope(models.TextChoices):
        ORDINARY = "ordinary", _("all requests but the confidential ones")
        ALL = "all", _("all requests, confidential ones too")

    class Consent(models.TextChoices):
        SMS = "sms", _("code by text message")
        LETTER = "letter", _("signed letter")
        COUNTER = "counter", _("at the counter")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, related_name="mandates", verbose_name=_("tenant")
    )
    proxy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="mandates",
        verbose_name=_("proxy’s account"),
    )
    proxy_name = models.CharField(_("proxy’s name"), max_length=120)
    proxy_email = models.EmailField(_("proxy’s e-mail"))
    scope = models.CharField(_("scope"), max_length=10, choices=Scope, default=Scope.ORDINARY)
    consent = models.CharField(_("consent given by"), max_length=8, choices=Consent)
    proof = models.CharField(_("reference of the proof"), max_length=120, blank=True)
    consent_at = models.DateTimeField(_("consented"), null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    starts = models.DateField(_("starts"))
    ends = models.DateField(_("ends"))
    asked_at = models.DateTimeField(_("asked"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = MandateManager()
    unscoped = MandateQuerySet.as_manager()

    class Meta:
        default_manager_name = "unscoped"
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        constraints = [
            models.CheckConstraint(condition=Q(starts__lte=F("ends")), name="mandate_in_order"),
            models.CheckConstraint(
                condition=Q(consent_at__isnull=True) | ~Q(proof=""), name="consent_has_proof"
            ),
            models.CheckConstraint(
                condition=Q(proxy__isnull=True) | Q(consent_at__isnull=False),
                name="proxy_after_consent",
            ),
        ]
        indexes = [models.Index(fields=["proxy", "ends"], name="mandate_proxy")]

    def __str__(self) -> str:
        return f"{self.proxy_name} · {self.tenant}"


class ConsentCode(models.Model):
    """The six figures sent to the tenant; derived from ``nonce`` and our secret, never stored."""

    mandate = models.OneToOneField(Mandate, models.CASCADE, related_name="code")
    nonce = models.CharField(max_length=32)
    phone = models.CharField(_("phone"), max_length=16)
    expires_at = models.DateTimeField(_("expires"))
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("consent code")
        verbose_name_plural = _("consent codes")

    def __str__(self) -> str:
        return f"{self.mandate_id}"
