"""How the people of a desk share its work, and help lent by one unit to another."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Desk, Membership, Unit
from requests.catalogue.models import Family
from requests.claims.models import Claim


class Sharing(models.Model):
    """How one desk gives "the next one". A desk without row shares by promise alone."""

    class Use(models.TextChoices):
        OFF = "off", _("does not count")
        FIRST = "first", _("comes first, when the promise is for the same day")
        ONLY = "only", _("only these")

    desk = models.OneToOneField(Desk, models.CASCADE, related_name="sharing")
    skills = models.CharField(
        _("families a person knows"), max_length=6, choices=Use, default=Use.FIRST
    )
    sectors = models.CharField(
        _("sectors a person follows"), max_length=6, choices=Use, default=Use.FIRST
    )
    most_in_hand = models.PositiveSmallIntegerField(
        _("most claims in one person’s hands"),
        default=15,
        help_text=_("Emergencies are given beyond it."),
    )

    class Meta:
        verbose_name = _("sharing of a desk’s work")
        verbose_name_plural = _("sharing of desks’ work")
        constraints = [
            models.CheckConstraint(condition=Q(most_in_hand__gte=1), name="sharing_gives_something")
        ]

    def __str__(self) -> str:
        return str(self.desk)


class Seat(models.Model):
    """A person who serves a desk, and the families they know. Without seats, all serve the desk."""

    desk = models.ForeignKey(Desk, models.CASCADE, related_name="seats")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="seats")
    families = models.ManyToManyField(Family, blank=True, verbose_name=_("families"))

    class Meta:
        verbose_name = _("seat at a desk")
        verbose_name_plural = _("seats at desks")
        constraints = [
            models.UniqueConstraint(fields=["desk", "membership"], name="one_seat_per_desk")
        ]

    def __str__(self) -> str:
        return f"{self.membership} · {self.desk}"


class Help(models.Model):
    """One unit asks another for help with one desk's claims; both agree, in words, to a date.

    ``until`` is the instant at which it ends by itself. Nothing is deleted: rows are the log.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        ACCEPTED = "accepted", _("agreed")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")
        ENDED = "ended", _("ended")

    desk = models.ForeignKey(Desk, models.PROTECT, related_name="helps", verbose_name=_("desk"))
    helper = models.ForeignKey(
        Unit, models.PROTECT, related_name="helps_given", verbose_name=_("who may help")
    )
    number = models.PositiveSmallIntegerField(_("number of claims"))
    until = models.DateTimeField(_("until"))
    words = models.CharField(_("why"), max_length=500)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked"))
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("help between units")
        verbose_name_plural = _("help between units")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "helper"],
                condition=Q(state__in=["asked", "accepted"]),
                name="one_help_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("asked_at"), number__gte=1), name="help_has_an_end"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "withdrawn"]) | Q(answered_at__isnull=False),
                name="help_is_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.desk} ← {self.helper}"


class LentClaim(models.Model):
    """One claim that the helper sees and works while the help lasts."""

    help = models.ForeignKey(Help, models.PROTECT, related_name="lent")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="lendings")

    class Meta:
        verbose_name = _("lent claim")
        verbose_name_plural = _("lent claims")
        constraints = [models.UniqueConstraint(fields=["help", "claim"], name="lent_once")]

    def __str__(self) -> str:
        return f"{self.claim_id} → {self.help.helper}"
