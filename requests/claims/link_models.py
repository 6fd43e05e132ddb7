"""Links of claims and visits that no longer open."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.dates import full_day
from portal.scope import GuardedManager
from requests.claims.models import Claim


class EndedLink(models.Model):
    """A token that was replaced, kept so that its page can say how to come back."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="ended_links")
    token = models.CharField(max_length=43, unique=True)
    ended_at = models.DateTimeField(_("ended"))

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("ended link")
        verbose_name_plural = _("ended links")

    def __str__(self) -> str:
        return f"{self.claim_id} {full_day(self.ended_at)}"
