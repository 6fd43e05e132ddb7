"""Assignment of claims. The desk owns a claim; at most one of its people handles it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Membership
from requests.claims.models import Claim


class Charge(models.Model):
    """The assignment of one claim to one person, from ``starts_at`` until ``ends_at`` (None.

    Still).

    Kept to find the person and to share the work; never counted by person (docs/principles.md, D5).
    """

    class Why(models.TextChoices):
        TAKEN = "taken", _("taken in charge")
        PULLED = "pulled", _("asked for the next one")
        ASSIGNED = "assigned", _("given by a colleague")

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="charges")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="charges")
    why = models.CharField(_("why"), max_length=10, choices=Why)
    # Who gave it, and when the person it was given to looked at it: until then their list says so.
    by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)
    # When a mail told them of it (requests/notifications/colleagues.py).
    mailed_at = models.DateTimeField(_("told by mail"), null=True, blank=True)
    starts_at = models.DateTimeField(_("since"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("claim in hand")
        verbose_name_plural = _("claims in hand")
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim"], condition=Q(ends_at__isnull=True), name="one_person_in_charge"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="charge_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} · {self.membership}"
