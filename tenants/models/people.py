"""Tenants, how to reach them, where they live and since when."""

import uuid

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from agencies.models import Dwelling
from portal.clock import now
from portal.phones import national_format
from portal.scope import GuardedManager
from tenants.querysets import (
    LeaseManager,
    OccupancyManager,
    OccupancyQuerySet,
    TenantManager,
    TenantQuerySet,
)

E164 = r"^\+[1-9][0-9]{6,14}$"


class Tenant(models.Model):
    """A person known to the landlord; may or may not have an account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="tenant",
        verbose_name=_("account"),
    )
    external_ref = models.CharField(_("reference in the rent system"), max_length=60, blank=True)
    civility = models.CharField(_("civility"), max_length=10, blank=True)
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80)
    language = models.CharField(_("language"), max_length=5, default="fr")
    # Between which hours of the day they want texts; None: those of everybody.
    texts_from = models.PositiveSmallIntegerField(_("texts from"), null=True, blank=True)
    texts_until = models.PositiveSmallIntegerField(_("texts until"), null=True, blank=True)
    # The record that a person recognised as the same; this row is then kept as history.
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="absorbed",
        verbose_name=_("merged into"),
    )
    # First and last name without accents or capitals; a trigger fills it (0008_words_of_names).
    search = models.TextField(editable=False, default="", db_default="")

    objects = TenantManager()
    unscoped = TenantQuerySet.as_manager()

    class Meta:
        default_manager_name = "unscoped"
        verbose_name = _("tenant")
        verbose_name_plural = _("tenants")
        constraints = [
            models.UniqueConstraint(
                fields=["external_ref"], condition=~Q(external_ref=""), name="tenant_external_ref"
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("pk")),
                name="tenant_merged_into_another",
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], opclasses=["gin_trgm_ops"], name="tenant_search_words")
        ]

    def __str__(self) -> str:
        return " ".join(p for p in (self.civility, self.first_name, self.last_name) if p)

    @property
    def spoken_name(self) -> str:
        """Return the name as it is said to the person: « madame Traoré »."""
        said = {"mme": _("Ms %(name)s"), "m.": _("Mr %(name)s"), "m": _("Mr %(name)s")}
        how = said.get(self.civility.strip().lower())
        return str(how) % {"name": self.last_name} if how and self.last_name else str(self)

    @property
    def current(self) -> "Tenant":
        """Return this record, or the one that it was merged into, however long the chain."""
        tenant = self
        while tenant.merged_into is not None:
            tenant = tenant.merged_into
        return tenant


class ContactPoint(models.Model):
    """One way to reach one person: where it comes from, and what proves that it is theirs.

    Phones are E.164, e-mails lower case. ``verified``: proved by a code or a link sent there.
    ``failing``: it came back or the person disowned it; no file brings it back. ``proposed``: a
    file told of it after a person had corrected the others; nothing is sent there until a person
    says so. One that nobody confirmed for long is not used for anything confidential. What all of
    this means together: ``tenants/contact_strength.py``.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", _("e-mail")
        PHONE = "phone", _("phone")
        POSTAL = "postal", _("postal address")
        SOCIAL = "social", _("messaging account")

    class Origin(models.TextChoices):
        REGISTER = "register", _("from the rent system")
        TOLD = "told", _("told to us")
        OWN = "own", _("written by the person")
        LEARNED = "learned", _("learned from a message")

    class Proof(models.TextChoices):
        CODE = "code", _("proved by a code")
        LINK = "link", _("proved by a link")
        COLLEAGUE = "colleague", _("confirmed by a colleague")

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="contact_points")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    value = models.CharField(_("value"), max_length=254)
    origin = models.CharField(
        _("where it comes from"),
        max_length=10,
        choices=Origin,
        default=Origin.REGISTER,
        db_default=Origin.REGISTER,
    )
    proof = models.CharField(
        _("what proves it"), max_length=10, choices=Proof, blank=True, default="", db_default=""
    )
    proposed = models.BooleanField(_("waits for a person"), default=False, db_default=False)
    verified = models.BooleanField(_("verified"), default=False)
    preferred = models.BooleanField(_("preferred"), default=False)
    failing = models.BooleanField(_("failing"), default=False)
    # A message came back from there for good, and nobody confirmed the point since.
    bounced_at = models.DateTimeField(_("came back"), null=True, blank=True)
    # When the person last gave or confirmed it; of rows from before the column, its release.
    confirmed_at = models.DateTimeField(_("confirmed"), default=now, db_default=Now())
    # Asked whether it is still theirs, and not answered yet (tenants/actions/contact_check.py).
    asked_at = models.DateTimeField(_("asked to confirm"), null=True, blank=True)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        indexes = [
            models.Index(fields=["kind", "value"], name="contact_value"),
            # Whom the sweep of contact checks asks, the oldest first.
            models.Index(
                fields=["confirmed_at", "id"],
                include=["tenant"],
                condition=Q(asked_at__isnull=True, failing=False, kind__in=["email", "phone"]),
                name="contact_to_ask",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "value"], name="contact_once"),
            models.UniqueConstraint(
                fields=["tenant"], condition=Q(preferred=True), name="one_preferred_contact"
            ),
            # An earlier value that is no valid number must be marked as failing.
            models.CheckConstraint(
                condition=~Q(kind="phone") | Q(failing=True) | Q(value__regex=E164),
                name="contact_phone_e164",
            ),
            models.CheckConstraint(
                condition=~Q(kind="email") | Q(value=Lower("value")), name="contact_email_lower"
            ),
        ]

    def __str__(self) -> str:
        return national_format(self.value) if self.kind == self.Kind.PHONE else self.value


class Lease(models.Model):
    """A contract on one dwelling; ``bill_code`` is printed on the rent bill to link an account."""

    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="leases")
    reference = models.CharField(_("reference"), max_length=60, unique=True)
    bill_code = models.CharField(_("code on the rent bill"), max_length=12, unique=True)
    starts = models.DateField(_("starts"))
    ends = models.DateField(_("ends"), null=True, blank=True)
    # Since which import of the whole stock the rent system no longer tells of it; it stays open.
    missing_since = models.DateField(_("missing from the import since"), null=True, blank=True)

    unscoped = models.Manager()
    objects = LeaseManager()

    class Meta:
        verbose_name = _("lease")
        verbose_name_plural = _("leases")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(starts__lte=F("ends")), name="lease_in_order"
            )
        ]

    def __str__(self) -> str:
        return self.reference


class Occupancy(models.Model):
    """Who lives under a lease, in what capacity, between which dates."""

    class Capacity(models.TextChoices):
        HOLDER = "holder", _("Holder")
        JOINT_TENANT = "joint_tenant", _("Joint tenant")
        OCCUPANT = "occupant", _("Occupant")

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="occupancies")
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="occupancies")
    capacity = models.CharField(_("capacity"), max_length=14, choices=Capacity)
    starts = models.DateField(_("starts"))
    ends = models.DateField(_("ends"), null=True, blank=True)

    unscoped = OccupancyQuerySet.as_manager()
    objects = OccupancyManager()

    class Meta:
        verbose_name = _("occupancy")
        verbose_name_plural = _("occupancies")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(starts__lte=F("ends")), name="occupancy_in_order"
            ),
            models.UniqueConstraint(fields=["lease", "tenant"], name="occupancy_once"),
        ]

    def __str__(self) -> str:
        return f"{self.tenant} · {self.lease}"


class Need(models.Model):
    """A coded functional need with an expiry; no medical reason (docs/principles.md, C3, T18)."""

    class Code(models.TextChoices):
        STAIRS = "stairs", _("cannot use stairs")
        INFANT = "infant", _("infant at home")
        HEARING = "hearing", _("hard of hearing")
        SIGHT = "sight", _("large print")
        ALONE = "alone", _("lives alone, call first")

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="needs")
    code = models.CharField(_("need"), max_length=12, choices=Code)
    expires = models.DateField(_("expires"))
    # The person was asked whether it goes on.
    asked_at = models.DateTimeField(_("asked to confirm"), null=True, blank=True)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        constraints = [models.UniqueConstraint(fields=["tenant", "code"], name="need_once")]
        indexes = [
            # Those that end soon and whose person was not asked.
            models.Index(
                fields=["expires", "id"], condition=Q(asked_at__isnull=True), name="need_to_ask"
            )
        ]

    def __str__(self) -> str:
        return self.get_code_display()
