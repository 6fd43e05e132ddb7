"""Routing decisions: the desk, the facts and the rule that decided."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from agencies.models import Desk
from requests.claims.models import Claim


class RoutingDecision(models.Model):
    """One routing decision, never deleted; a claim may be routed again after a correction."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="decisions")
    desk = models.ForeignKey(Desk, models.PROTECT, verbose_name=_("desk"))
    rule = models.CharField(_("rule"), max_length=40)
    rule_version = models.PositiveIntegerField(_("version"), default=1)
    facts = models.JSONField(_("facts"))
    considered = models.JSONField(_("rules looked at"), default=list)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("routing decision")
        verbose_name_plural = _("routing decisions")
        ordering = ["at"]
