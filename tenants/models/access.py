"""How an account comes to a person's record, and how a person's access ends by hand."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import new_secret
from portal.dates import full_moment
from tenants.models.people import Lease, Tenant
from tenants.querysets import (
    AccessEndManager,
    AccessEndQuerySet,
    AccountLinkManager,
    AccountLinkQuerySet,
)


class AccountLink(models.Model):
    """An account that asked for a person's record with the code of the rent bill.

    With ``phone``, six figures went to that number, which only the person reads; they are computed
    from ``nonce``, never stored. Without, the account was linked at once, everybody known was told,
    and what was said in confidence stays closed until ``opens_at``. ``token`` is in that notice:
    it opens the page "It was not me".
    """

    class Ended(models.TextChoices):
        NOT_ME = "not_me", _("the person said: it was not me")
        STAFF = "staff", _("ended by the agency")
        REPLACED = "replaced", _("asked for again")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="account_links")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="account_links")
    lease = models.ForeignKey(Lease, models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    phone = models.CharField(_("code sent to"), max_length=16, blank=True)
    nonce = models.CharField(max_length=32, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    expires_at = models.DateTimeField(_("code expires"), null=True, blank=True)
    sent_at = models.DateTimeField(_("code sent"), null=True, blank=True)
    linked_at = models.DateTimeField(_("linked"), null=True, blank=True)
    opens_at = models.DateTimeField(_("opens what is confidential"), null=True, blank=True)
    token = models.CharField(max_length=43, unique=True, default=new_secret)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_why = models.CharField(_("why it ended"), max_length=10, choices=Ended, blank=True)

    unscoped = AccountLinkQuerySet.as_manager()
    objects = AccountLinkManager()

    class Meta:
        verbose_name = _("linked account")
        verbose_name_plural = _("linked accounts")
        ordering = ["asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(linked_at__isnull=True) | Q(opens_at__gte=F("linked_at")),
                name="account_link_opens_after",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(linked_at__isnull=True, ended_at__isnull=True),
                name="one_account_link_asked",
            ),
        ]

    def __str__(self) -> str:
        return f"{full_moment(self.asked_at)}"


class AccessEnd(models.Model):
    """One end of access by hand: of a person, or of a lease with all its people.

    ``snapshot`` holds what undoing gives back: dates before, the account, mandates, links closed.
    The import of the rent system does not give back what stands here and was not undone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, null=True, blank=True, related_name="access_ends"
    )
    lease = models.ForeignKey(
        Lease, models.PROTECT, null=True, blank=True, related_name="access_ends"
    )
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    reason = models.CharField(_("reason"), max_length=200)
    snapshot = models.JSONField(_("what ended"))
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = AccessEndManager()
    unscoped = AccessEndQuerySet.as_manager()

    class Meta:
        default_manager_name = "unscoped"
        verbose_name = _("end of access")
        verbose_name_plural = _("ends of access")
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(tenant__isnull=False, lease__isnull=True)
                | Q(tenant__isnull=True, lease__isnull=False),
                name="access_end_of_one",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="access_end_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{full_moment(self.at)}"
