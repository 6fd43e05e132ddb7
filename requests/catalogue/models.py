"""The catalogue: what a claim can be about, in plain words, with its usual promise."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from requests.catalogue import kinds
from requests.kit.choices import Responsible, Urgency


def _local(french: str, english: str) -> str:
    return english if (get_language() or "fr").startswith("en") and english else french


class Family(models.Model):
    """A group of categories, and the picture that stands for it."""

    code = models.CharField(_("code"), max_length=8, unique=True)
    label_fr = models.CharField(_("French label"), max_length=120)
    label_en = models.CharField(_("English label"), max_length=120)
    tile = models.CharField(_("first-screen picture"), max_length=20)
    picto = models.CharField(_("pictogram"), max_length=30)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("family")
        verbose_name_plural = _("families")
        ordering = ["position"]

    def __str__(self) -> str:
        return _local(self.label_fr, self.label_en)


class Category(models.Model):
    """One thing that can go wrong or be asked for; deadlines are the landlord's own promises."""

    code = models.CharField(_("code"), max_length=10, unique=True)
    family = models.ForeignKey(
        Family, models.PROTECT, related_name="categories", verbose_name=_("family")
    )
    label_fr = models.CharField(_("French label"), max_length=160)
    label_en = models.CharField(_("English label"), max_length=160)
    plain_language_fr = models.CharField(_("French, in the tenant’s words"), max_length=240)
    plain_language_en = models.CharField(_("English, in the tenant’s words"), max_length=240)
    safety_advice_fr = models.TextField(_("French advice"), blank=True)
    safety_advice_en = models.TextField(_("English advice"), blank=True)
    responsible = models.CharField(_("responsible"), max_length=12, choices=Responsible)
    urgency = models.CharField(_("urgency"), max_length=2, choices=Urgency)
    ack_hours = models.DecimalField(_("acknowledged within, hours"), max_digits=6, decimal_places=2)
    resolve_days = models.DecimalField(_("resolved within, days"), max_digits=6, decimal_places=2)
    handled_by = models.CharField(_("handled by"), max_length=24)
    asset = models.CharField(_("asset"), max_length=12)
    legal_source = models.CharField(_("source"), max_length=240, blank=True)
    tile = models.CharField(_("first-screen picture"), max_length=20)
    picture = models.CharField(
        _("picture of the fault"),
        max_length=20,
        blank=True,
        help_text=_("Nothing chosen: the picture of its family."),
    )
    public_rank = models.PositiveSmallIntegerField(_("rank on its page"), null=True, blank=True)
    sensitive = models.BooleanField(_("author only"), default=False)
    collective = models.BooleanField(_("may be reported by neighbours"), default=False)
    active = models.BooleanField(_("offered"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ack_hours__gt=0, resolve_days__gt=0),
                name="category_deadlines",
                violation_error_message=_("A deadline must be above zero."),
            )
        ]

    def __str__(self) -> str:
        return _local(self.label_fr, self.label_en)

    @property
    def kind(self) -> kinds.Kind:
        """Return what kind of matter this is; needs the family."""
        return kinds.kind_of(self.family.code, self.urgency)

    @property
    def ending(self) -> tuple:
        """Return the question at the end, what we think, and the words of yes and no."""
        return kinds.ENDINGS[self.kind]

    @property
    def plain_language(self) -> str:
        return _local(self.plain_language_fr, self.plain_language_en)

    @property
    def safety_advice(self) -> str:
        return _local(self.safety_advice_fr, self.safety_advice_en)


class CategoryVersion(models.Model):
    """One change of a category, kept for ever, as the proof of promises made before it."""

    category = models.ForeignKey(Category, models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField(_("version"))
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("by")
    )
    changes = models.JSONField(_("changes"))  # field -> [before, after], as text

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["category", "version"], name="category_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.category.code} v{self.version}"
