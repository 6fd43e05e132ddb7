"""Work to do, as rows that a worker leases."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class JobQuerySet(models.QuerySet):
    """Rows by what they wait for."""

    def waiting(self) -> "JobQuerySet":
        """Return the jobs that are not done and that a worker still tries."""
        return self.filter(done_at__isnull=True, attempts__lt=Job.MAX_ATTEMPTS)

    def dead(self) -> "JobQuerySet":
        """Return the jobs tried as often as allowed, last lease over: only a person can help."""
        return self.filter(done_at__isnull=True, attempts__gte=Job.MAX_ATTEMPTS, next_at__lte=Now())


class Job(models.Model):
    """Work to do, written with the fact that calls for it and drained under a lease.

    The broker only hints that rows are due; losing a hint costs seconds (docs/adr/0002).
    """

    class Kind(models.TextChoices):
        ROUTE = "route", _("route a claim")
        NOTIFY = "notify", _("tell the tenant")
        ESCALATE = "escalate", _("climb a late promise")
        DELIVER = "deliver", _("send a message")
        INTAKE = "intake", _("read a raw input")
        REMIND = "remind", _("remind of a visit")
        CLOSING = "closing", _("ask again if it is fixed")
        LETTER = "letter", _("draw a letter")
        UPKEEP = "upkeep", _("remind of a visit due")
        PLANNED = "planned", _("tell of planned works")
        RENEW = "renew", _("reckon promises again")
        LATENESS = "lateness", _("tell staff what was passed up to them")
        RETENTION = "retention", _("erase what is over")
        EXPORT = "export", _("make a person’s copy of their data")
        VIRUS = "virus", _("check a file for viruses")
        RING = "ring", _("ring people about a danger")
        INCIDENT = "incident", _("tell of an incident")
        FIGURES = "figures", _("send a file of figures")
        WEBHOOK = "webhook", _("tell another system")
        COLLEAGUE = "colleague", _("tell a colleague what is new to them")
        SURVEY = "survey", _("ask tenants how satisfied they are")

    MAX_ATTEMPTS = 8
    is_pressed = False  # something more urgent came due while this one began (queue.py)

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    key = models.CharField(_("object"), max_length=60)
    payload = models.JSONField(_("details"), default=dict, blank=True)
    next_at = models.DateTimeField(_("due"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # Failures that were nobody's: our database was away, the disk was full (queue.py).
    hiccups = models.PositiveSmallIntegerField(_("hiccups"), default=0, db_default=0)
    # priorities.py; the database's default is for rows that an older release writes meanwhile.
    priority = models.PositiveSmallIntegerField(_("priority"), default=20, db_default=20)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    error = models.TextField(_("last error"), blank=True)
    given_up_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("given up by"),
    )
    given_up_reason = models.CharField(_("why it was given up"), max_length=300, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="job_once"),
            models.CheckConstraint(
                condition=Q(given_up_reason="") | Q(done_at__isnull=False),
                name="job_given_up_is_done",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(done_at__isnull=True), name="job_due"),
            # What the rule of retention finds: the table would else be read for each batch.
            models.Index(
                fields=["done_at"], condition=Q(done_at__isnull=False), name="job_done_at"
            ),
            models.Index(
                fields=["priority", "next_at"],
                condition=Q(done_at__isnull=True),
                name="job_due_by_priority",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
