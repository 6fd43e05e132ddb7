"""What was changed in a person's record, by whom, and the codes that prove a contact point.

Changes are rows of the audit trail: only added (docs/adr/0053-changes-in-the-trail.md).
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.dates import full_day
from portal.scope import GuardedManager, ScopedManager
from tenants.models.people import ContactPoint, Tenant


class PersonChangeQuerySet(models.QuerySet):
    """Changes, with what became of them: a later row says so, ``decision``."""

    def changes(self) -> "PersonChangeQuerySet":
        """Return the changes themselves, without the rows that decide another."""
        return self.filter(decides__isnull=True)

    def waiting(self) -> "PersonChangeQuerySet":
        """Return what waits for a person."""
        return self.filter(state=PersonChange.State.WAITS, decision__isnull=True)

    def in_force(self) -> "PersonChangeQuerySet":
        """Return the changes that were made: at once, or by a decision; undone ones are not."""
        done = PersonChange.State.DONE
        at_once = models.Q(state=done, decision__isnull=True)
        return self.changes().filter(at_once | models.Q(decision__state=done))


class PersonChangeManager(ScopedManager[PersonChangeQuerySet]):
    """The scopes a change may be asked for through."""

    rows = PersonChangeQuerySet


class PersonChange(models.Model):
    """One change of how a person is reached or lives: an event of their record.

    ``facts`` are JSON values; what a change needs to be carried out or undone stands there.
    A change that waits is one that contradicts what somebody else said: a person decides it, by
    a row of its own that ``decides`` it. No row is ever changed.
    """

    class What(models.TextChoices):
        POINT_ADDED = "point_added", _("added")
        POINT_REMOVED = "point_removed", _("no longer used")
        POINT_PREFERRED = "point_preferred", _("preferred from now on")
        POINT_PROVED = "point_proved", _("proved")
        POINT_LEARNED = "point_learned", _("learned from a message")
        POINT_PROPOSED = "point_proposed", _("proposed by the rent system")
        LANGUAGE = "language", _("language")
        HOURS = "hours", _("hours of texts")
        NEED_ADDED = "need_added", _("need noted")
        NEED_ENDED = "need_ended", _("need ended")
        OCCUPANT = "occupant", _("somebody lives in the home")
        DECIDED = "decided", _("decided")

    class By(models.TextChoices):
        PERSON = "person", _("the person")
        STAFF = "staff", _("staff")
        IMPORT = "import", _("the rent system")

    class State(models.TextChoices):
        DONE = "done", _("done")
        WAITS = "waits", _("waits for a person")
        REFUSED = "refused", _("refused")
        UNDONE = "undone", _("undone")

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="changes")
    at = models.DateTimeField(_("at"))
    what = models.CharField(_("what"), max_length=16, choices=What)
    side = models.CharField(_("by whom"), max_length=8, choices=By)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    facts = models.JSONField(_("details"), default=dict)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DONE)
    decides = models.OneToOneField(
        "self", models.CASCADE, null=True, blank=True, related_name="decision"
    )

    unscoped = PersonChangeQuerySet.as_manager()
    objects = PersonChangeManager()

    class Meta:
        verbose_name = _("change of a record")
        verbose_name_plural = _("changes of records")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(
                fields=["at"], condition=models.Q(state="waits"), name="person_change_waits"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decides__isnull=False, what="decided") & ~models.Q(state="waits")
                | models.Q(decides__isnull=True) & ~models.Q(what="decided"),
                name="person_change_decides",
            )
        ]

    def __str__(self) -> str:
        return f"{full_day(self.at)} {self.what}"

    @property
    def outcome(self) -> State:
        """Return what became of the change: its own state, or that of its decision."""
        decision = getattr(self, "decision", None)
        return self.State((decision or self).state)


class PointCode(models.Model):
    """The six figures sent to a contact point; derived from ``nonce`` and our secret."""

    point = models.OneToOneField(ContactPoint, models.CASCADE, related_name="code")
    nonce = models.CharField(max_length=32)
    asked_at = models.DateTimeField(_("asked"))
    times = models.PositiveSmallIntegerField(_("times asked that day"), default=1)
    expires_at = models.DateTimeField(_("expires"))
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("code of a contact point")
        verbose_name_plural = _("codes of contact points")

    def __str__(self) -> str:
        return f"{self.point_id}"
