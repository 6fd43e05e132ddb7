"""The order to a contractor: its state, price, links, photos and events."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.access import in_own_buildings
from agencies.models import (
    Contractor,
    MaintenanceContract,
    Membership,
    PriceItem,
    new_secret,
)
from portal.access import Role
from portal.arrays import one_of
from portal.database.readers import alias_of
from portal.dates import full_moment
from portal.scope import GuardedManager, ScopedManager
from requests.attachments.models import Attachment
from requests.claims.models import Claim
from requests.kit.choices import Responsible
from requests.work_orders.workflow import ENDED, TO_DO, OrderState, OrderStep

TITLE_LENGTH = 60


class OrderQuerySet(models.QuerySet):
    """Orders narrowed to what a membership may see."""

    def visible_to(self, membership: Membership | None) -> "OrderQuerySet":
        """Return the orders that the member may see.

        A desk sees the orders of the claims it sees, a caretaker those of their own buildings, a
        contractor's people those sent to the contractor. Sensitive categories are hidden from
        caretakers (docs/principles.md, T2).
        """
        if membership is None:
            return self.none()
        if membership.role == Role.CONTRACTOR:
            return self.filter(contractor=membership.contractor_id, sent_at__isnull=False)
        if membership.role == Role.CARETAKER:
            own = in_own_buildings(membership, "claim__")
            return self.filter(own, claim__category__sensitive=False, claim__confidential=False)
        return self.filter(claim__in=Claim.objects.visible_to(membership))

    def late(self, now: datetime) -> "OrderQuerySet":
        """Return the orders that were sent, are not done and should have been by ``now``.

        Their keys are found first: from the claims, the orders of each open one would be read.
        """
        every: OrderQuerySet = OrderQuerySet(self.model, using=alias_of(self))
        late = every.filter(state__in=TO_DO, sent_at__isnull=False, respond_by__lt=now)
        return self.filter(one_of("pk", late))


class OrderManager(ScopedManager[OrderQuerySet]):
    """The manager of orders: every read names its scope."""

    rows = OrderQuerySet

    def visible_to(self, membership: Membership | None) -> OrderQuerySet:
        """Return the orders that the member may see."""
        return self.unscoped_rows().visible_to(membership)


class WorkOrder(models.Model):
    """One order, under one contract or none. Its state is written by work_orders/actions.py only.

    Amounts are in euros before tax. ``amount`` is what is ordered so far, variations included;
    above ``spend_limit`` it needs ``approved_by``. The contractor sees ``access_notes`` (door code,
    keys) only from the eve of the visit to two hours after it, and each view is an ``AccessView``.
    """

    class Purpose(models.TextChoices):
        WORK = "work", _("work")
        QUOTE = "quote", _("quote first")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="orders")
    number = models.PositiveSmallIntegerField(_("number"))
    contractor = models.ForeignKey(
        Contractor, models.PROTECT, related_name="orders", verbose_name=_("contractor")
    )
    contract = models.ForeignKey(
        MaintenanceContract,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
        verbose_name=_("contract"),
    )
    follows = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="followed_by"
    )
    purpose = models.CharField(_("purpose"), max_length=6, choices=Purpose, default=Purpose.WORK)
    state = models.CharField(
        _("state"), max_length=12, choices=OrderState, default=OrderState.PROPOSED
    )
    version = models.PositiveIntegerField(default=1)
    payer = models.CharField(_("who pays"), max_length=12, choices=Responsible)
    why = models.CharField(_("why"), max_length=20)
    description = models.TextField(_("work to do"))
    access_notes = models.TextField(_("access"), blank=True)
    spend_limit = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    amount = models.DecimalField(_("amount, €"), max_digits=9, decimal_places=2, default=0)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    emergency = models.BooleanField(_("emergency out of hours"), default=False)
    respond_by = models.DateTimeField(_("expected there by"))
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    done_at = models.DateTimeField(_("reported done"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = OrderManager()
    unscoped = OrderQuerySet.as_manager()

    class Meta:
        default_manager_name = "unscoped"
        verbose_name = _("work order")
        verbose_name_plural = _("work orders")
        ordering = ["claim", "number"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "number"], name="order_number"),
            models.CheckConstraint(condition=Q(state__in=OrderState.values), name="order_state"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="order_amount"),
            models.CheckConstraint(
                condition=Q(follows__isnull=True) | ~Q(follows=F("id")), name="order_follows_other"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[OrderState.PROPOSED, OrderState.CANCELLED])
                | Q(sent_at__isnull=False),
                name="order_was_sent",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(ENDED), ended_at__isnull=False)
                | (~Q(state__in=sorted(ENDED)) & Q(ended_at__isnull=True)),
                name="order_ended",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[OrderState.PROPOSED, OrderState.CANCELLED])
                | Q(amount__lte=F("spend_limit"))
                | Q(approved_by__isnull=False),
                name="order_spending_approved",
            ),
        ]
        indexes = [
            models.Index(
                fields=["contractor", "state"],
                condition=~Q(state__in=sorted(ENDED)),
                name="order_open",
            ),
            # What is late: looked for from the orders, not from each open claim.
            models.Index(
                fields=["respond_by"],
                condition=Q(state__in=sorted(TO_DO), sent_at__isnull=False),
                name="order_late",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim.spoken_reference}-{self.number}"

    def is_after_limit(self, starts: datetime, now: datetime) -> bool:
        """Return whether a visit at ``starts`` is too late; the limit itself lies ahead."""
        return starts > self.respond_by > now

    @property
    def title(self) -> str:
        """Return what the contractor reads everywhere: the fault, unless the claim is confidential.

        Then it is the first line of what staff wrote; neither the category nor the tenant's words.
        """
        if not self.claim.is_confidential:
            return str(self.claim.category)
        lines = self.work.splitlines()
        return lines[0][:TITLE_LENGTH] if lines else str(_("Work in a home"))

    @property
    def work(self) -> str:
        """Return the work to do; "" where it repeats the words of a confidential claim.

        The order may have been written before the claim became confidential.
        """
        told = " ".join(self.claim.words.split())
        repeats = bool(told) and told in " ".join(self.description.split())
        return "" if self.claim.is_confidential and repeats else self.description

    @property
    def photos_to_show(self) -> models.QuerySet["OrderPhoto"]:
        """Return what the contractor sees: of a confidential claim not what the tenant sent."""
        rows = self.photos.select_related("attachment")
        if self.claim.is_confidential:
            rows = rows.exclude(moment=OrderPhoto.Moment.CLAIM)
        return rows


class OrderLine(models.Model):
    """One priced line; ``item`` is set when it comes from the contract's price list."""

    order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="lines")
    item = models.ForeignKey(PriceItem, models.PROTECT, null=True, blank=True)
    label = models.CharField(_("label"), max_length=160)
    quantity = models.DecimalField(_("quantity"), max_digits=7, decimal_places=2, default=1)
    price = models.DecimalField(_("price, €"), max_digits=9, decimal_places=2)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="line_quantity"),
            models.CheckConstraint(condition=Q(price__gte=0), name="line_price"),
        ]

    def __str__(self) -> str:
        return self.label


class Variation(models.Model):
    """Additional work, or a quote: an amount that a person accepts or declines.

    ``automatic``: accepted without a person, because the order stays within its limit. Only a
    person declines.
    """

    class Kind(models.TextChoices):
        VARIATION = "variation", _("additional work")
        QUOTE = "quote", _("quote")

    class State(models.TextChoices):
        PENDING = "pending", _("to decide")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="variations")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    text = models.TextField(_("why"))
    amount = models.DecimalField(_("amount, €"), max_digits=9, decimal_places=2)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PENDING)
    automatic = models.BooleanField(default=False)
    at = models.DateTimeField(_("at"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("additional work")
        verbose_name_plural = _("additional work")
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="variation_amount"),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at__isnull=True, automatic=False)
                | Q(state="accepted", decided_at__isnull=False, automatic=True)
                | Q(
                    state__in=["accepted", "declined"],
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    automatic=False,
                ),
                name="variation_decided_by_someone",
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(state="pending"), name="one_open_variation"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} · {self.amount}"


class OrderEvent(models.Model):
    """One event of an order; the contractor's notifications are made from these rows."""

    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="events")
    name = models.CharField(_("event"), max_length=20)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    role = models.CharField(_("role"), max_length=24)
    state = models.CharField(_("state after"), max_length=12)
    facts = models.JSONField(_("facts"), default=dict)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("order event")
        verbose_name_plural = _("order events")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.order} {self.name}"

    @property
    def label(self) -> str:
        """Return the label in the order's history, or the stored name of an unknown event."""
        return str(OrderStep(self.name).label) if self.name in OrderStep.values else self.name


class OrderPhoto(models.Model):
    """A photo on an order, from the claim or from the contractor."""

    class Moment(models.TextChoices):
        CLAIM = "claim", _("from the request")
        BEFORE = "before", _("before")
        AFTER = "after", _("after")
        NO_ACCESS = "no_access", _("no access")
        VARIATION = "variation", _("additional work")

    order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="photos")
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+")
    moment = models.CharField(_("moment"), max_length=10, choices=Moment)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("order photo")
        verbose_name_plural = _("order photos")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "attachment"], name="order_photo_once")
        ]

    def __str__(self) -> str:
        return f"{self.order} · {self.get_moment_display()}"


class OrderLink(models.Model):
    """A magic link to one order. Old links stay stored, so that a new one can be asked for."""

    order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="links")
    token = models.CharField(max_length=43, unique=True, default=new_secret)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("order link")
        verbose_name_plural = _("order links")

    def __str__(self) -> str:
        return str(self.order)


class AccessView(models.Model):
    """One view of the phone number and the door code, also by staff; rows are only added."""

    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="access_views")
    at = models.DateTimeField(_("at"))
    role = models.CharField(_("role"), max_length=24)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("access view")
        verbose_name_plural = _("access views")
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.order} {full_moment(self.at)}"
