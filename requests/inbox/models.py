"""What the inbox stores beside the claims: named views, and who is reading what just now."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agencies.models import Membership
from requests.claims.models import Claim


class SavedView(models.Model):
    """A search with its filters under a name; ``shared`` shows it to the whole unit."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="saved_views")
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(_("query"), max_length=600)
    shared = models.BooleanField(_("shared with the unit"), default=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["membership", "name"], name="saved_view_name")
        ]

    def __str__(self) -> str:
        return self.name


class ListDisplay(models.Model):
    """How one person has the list: its order, its groups, and what each row says at its end."""

    class Sort(models.TextChoices):
        PROMISE = "promise", _("Promise, the soonest first")
        RECEIVED = "received", _("Received, the oldest first")
        LAST = "last", _("Last message, the newest first")

    class Group(models.TextChoices):
        DATE = "date", _("By date")
        PLACE = "place", _("By place")
        NONE = "none", _("No groups")

    class Column(models.TextChoices):
        CHANNEL = "channel", _("Channel")
        HOLDER = "holder", _("In whose hands")
        REFERENCE = "reference", _("Reference")
        URGENCY = "urgency", _("Urgency")
        STATE = "state", _("State")
        DESK = "desk", _("Desk")
        RECEIVED = "received", _("Received")
        LAST = "last", _("Last message")

    membership = models.OneToOneField(Membership, models.CASCADE, related_name="list_display")
    sort = models.CharField(_("sort order"), max_length=10, choices=Sort, default=Sort.PROMISE)
    group = models.CharField(_("kind of groups"), max_length=10, choices=Group, default=Group.DATE)
    columns = models.CharField(_("shown on each row"), max_length=120, default="channel,holder")

    class Meta:
        verbose_name = _("display of a list")
        verbose_name_plural = _("displays of lists")

    def __str__(self) -> str:
        return f"{self.membership} · {self.sort}"


class Presence(models.Model):
    """Someone has this claim open. Rows expire after a minute; nothing is derived from them."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(_("seen"))

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = [models.UniqueConstraint(fields=["claim", "user"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.claim_id}"
