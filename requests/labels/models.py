"""The landlord's labels, and which claim bears which."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agencies.models import Membership
from requests.claims.models import Claim


class Label(models.Model):
    """One label of the landlord's list: a word in each language, and a drawn sign beside it.

    ``active`` False: on no list to choose from any more; the claims that bear it keep it.
    """

    class Sign(models.TextChoices):
        CIRCLE = "circle", _("disc")
        RING = "ring", _("ring")
        SQUARE = "square", _("square")
        DIAMOND = "diamond", _("diamond")
        TRIANGLE = "triangle", _("triangle")
        STAR = "star", _("star")
        FLAG = "flag", _("flag")
        CROSS = "cross", _("cross")

    code = models.CharField(_("code"), max_length=30, unique=True)
    label_fr = models.CharField(_("French label"), max_length=24)
    label_en = models.CharField(_("English label"), max_length=24)
    sign = models.CharField(_("sign"), max_length=10, choices=Sign, default=Sign.CIRCLE)
    active = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("request label")
        verbose_name_plural = _("request labels")
        ordering = ["label_fr"]
        constraints = [
            models.UniqueConstraint(
                fields=["label_fr"],
                name="label_said_once",
                violation_error_message=_("There is a label of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.label_en if (get_language() or "fr").startswith("en") else self.label_fr


class ClaimLabel(models.Model):
    """A claim bears a label. Who changed it, and when, is in the events of the claim."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="labelled")
    label = models.ForeignKey(
        Label, models.PROTECT, related_name="labelled", verbose_name=_("request label")
    )
    by = models.ForeignKey(Membership, models.PROTECT, null=True, db_index=False, related_name="+")
    at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("label of a claim")
        verbose_name_plural = _("labels of claims")
        constraints = [models.UniqueConstraint(fields=["claim", "label"], name="labelled_once")]

    def __str__(self) -> str:
        return f"{self.claim_id} · {self.label}"
