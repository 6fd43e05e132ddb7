"""The tables of the audit trail: keys of persons, openings, and the chain (portal/audit/)."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.dates import full_moment


class AuditOpening(models.Model):
    """Who opened tables of the trail for an erasure, why, and what was erased.

    The row is the permission: the triggers let a statement pass only in the transaction that
    wrote it, and only on its ``tables``. A trigger writes ``xid``, ``at`` and ``database_user``.
    ``what`` names the rows by source: ``{"deleted": {"order_event": [[3, 9]]}, "redacted": {…},
    "keys": ["…"]}``; intervals include both ends.
    """

    xid = models.BigIntegerField(default=0, editable=False)
    at = models.DateTimeField(_("at"), auto_now_add=True)
    database_user = models.CharField(max_length=63, default="", editable=False)
    tables = models.JSONField()
    reason = models.TextField(_("reason"))
    # No foreign key: the account may be erased later, this row may not change.
    by = models.UUIDField(null=True, blank=True)
    what = models.JSONField(_("what"), default=dict)

    class Meta:
        verbose_name = _("opening of the audit trail")
        verbose_name_plural = _("openings of the audit trail")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="opened_for_a_reason")
        ]
        indexes = [models.Index(fields=["xid"], name="audit_opening_xid")]

    def __str__(self) -> str:
        return f"{full_moment(self.at)} {self.reason}"


class AuditKey(models.Model):
    """The secret under which the personal values of one person are hashed; erased with them.

    ``person`` is ``"tenant:<id>"``, ``"user:<id>"``, or ``"claim:<id>"`` when nobody is known.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.CharField(max_length=60, unique=True)
    secret = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("audit key")
        verbose_name_plural = _("audit keys")

    def __str__(self) -> str:
        return str(self.pk)


class AuditBatch(models.Model):
    """One link of the chain: ``head`` is the hash of the former head and of the batch's seals.

    ``upto`` is the highest row sealed so far in each source.
    """

    number = models.BigIntegerField(_("number"), primary_key=True)
    made_at = models.DateTimeField(_("sealed"), db_index=True)
    previous = models.CharField(max_length=64, blank=True)
    head = models.CharField(_("head"), max_length=64)
    rows = models.IntegerField(_("rows"))
    upto = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("batch of the audit chain")
        verbose_name_plural = _("batches of the audit chain")
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(number__gte=1, rows__gte=1), name="audit_batch_numbered"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.head[:12]}"


class AuditSeal(models.Model):
    """The hash of one audited row as it was when it was sealed.

    ``marks`` holds, by group of personal columns, the name of the key, "" when the row names
    nobody, and the keyed hash.
    """

    batch = models.ForeignKey(AuditBatch, models.PROTECT, related_name="seals")
    source = models.CharField(max_length=20)
    row = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    marks = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("seal of the audit chain")
        verbose_name_plural = _("seals of the audit chain")
        constraints = [models.UniqueConstraint(fields=["source", "row"], name="sealed_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.row}"
