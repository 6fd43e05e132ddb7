"""Routing rules as rows, with their versions; the people concerned write them."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agencies.models import Unit


class Rule(models.Model):
    """One rule: it sends claims to a desk, or proposes a step to a person.

    ``unit`` None: a rule of the landlord; else of one agency. A rule is a draft until a person
    switches it on. ``failure`` says why it could not be applied last time, until it is corrected.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="rules", verbose_name=_("agency")
    )
    name = models.CharField(_("name"), max_length=80)
    position = models.PositiveIntegerField(_("position"), default=0)
    conditions = models.JSONField(_("conditions"), default=dict)
    outcome = models.JSONField(_("outcome"), default=dict)
    active = models.BooleanField(_("active"), default=False)
    version = models.PositiveIntegerField(_("version"), default=1)
    failure = models.CharField(_("failure"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "name"], name="rule_name", nulls_distinct=False
            ),
            models.CheckConstraint(condition=~models.Q(outcome={}), name="rule_has_an_outcome"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def proposes(self) -> bool:
        """Return whether the rule proposes a step instead of sending claims to a desk."""
        return "propose" in self.outcome


class RuleCount(models.Model):
    """What a written rule did, counted by triggers (0052_rule_counts); a rule's rows add up.

    ``sent``: its decisions; ``changed``: those whose claim was handed over; ``decided``: its
    proposals that people took or not; ``accepted``: as they stood. One row for each ``slot``, so
    that transactions which count at the same time do not wait for one another.
    """

    rule = models.CharField(max_length=40)
    slot = models.PositiveSmallIntegerField()
    sent = models.IntegerField(default=0, db_default=0)
    changed = models.IntegerField(default=0, db_default=0)
    decided = models.IntegerField(default=0, db_default=0)
    accepted = models.IntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("count of a rule")
        verbose_name_plural = _("counts of rules")
        constraints = [models.UniqueConstraint(fields=["rule", "slot"], name="rule_count_once")]

    def __str__(self) -> str:
        return f"{self.rule} {self.slot}"


class RuleVersion(models.Model):
    """The content of a rule from ``at`` until its next version; never changed."""

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=80)
    conditions = models.JSONField(_("conditions"))
    outcome = models.JSONField(_("outcome"))
    active = models.BooleanField(_("active"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("version of a rule")
        verbose_name_plural = _("versions of rules")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "version"], name="rule_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class RuleSwitch(models.Model):
    """A rule of the landlord that one agency has switched off for its own claims."""

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="switches")
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="switched_off")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("rule switched off")
        verbose_name_plural = _("rules switched off")
        constraints = [
            models.UniqueConstraint(fields=["rule", "unit"], name="rule_switched_off_once")
        ]

    def __str__(self) -> str:
        return f"{self.rule} · {self.unit}"
