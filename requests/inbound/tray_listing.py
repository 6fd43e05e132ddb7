"""What the tray shows: inputs for a person, and apart from them what machines wrote or sent twice.

Reads only. Nothing is hidden: each group has its number, and each input can be opened and sorted.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from requests.channels.mail.bounces import LISTED
from requests.channels.models import Intake
from requests.kit.choices import Channel

MOST_SENDERS = 20
WAITING = Q(state=Intake.State.FAILED)
# By their headers; what speaks of a danger stands among the inputs for a person.
MARKED = WAITING & Q(urgent=False) & ~Q(automatic="")
LISTS = MARKED & Q(automatic__in=sorted(LISTED))
ROBOTS = MARKED & ~Q(automatic__in=sorted(LISTED))
DOUBLES = Q(state=Intake.State.DISCARDED, duplicate_of__isnull=False)
VIEWS = {
    "failed": (_("To be sorted"), WAITING & ~MARKED),
    "lists": (_("From mailing lists"), LISTS),
    "robots": (_("Written by machines"), ROBOTS),
    "doubles": (_("Received twice"), DOUBLES),
    "discarded": (
        pgettext_lazy("state", "Set aside"),
        Q(state=Intake.State.DISCARDED, duplicate_of__isnull=True),
    ),
    "page": (_("Public page"), Q(channel=Channel.PAGE)),
}
GROUPS = ("lists", "robots", "doubles")
# Groups of which a page may be set aside together.
TOGETHER = ("lists", "robots")


def visible_to(membership) -> QuerySet[Intake]:
    """Return the inputs of the member's tray, and those of claims that the member may see."""
    return Intake.objects.visible_to(membership).defer("raw")


def rows(membership, view: str, *, sender: str | None = None, words: str = "") -> QuerySet[Intake]:
    """Return the inputs of one view, in its order: dangers, then the oldest; elsewhere the newest.

    ``words`` searches whatever a person may still sort, in all views; ``sender`` is one of those
    that ``senders`` lists.
    """
    found = visible_to(membership)
    if words:
        found = found.filter(state__in=Intake.SORTABLE)
        for word in words.split()[:8]:
            found = found.filter(
                Q(subject__icontains=word)
                | Q(text__icontains=word)
                | Q(sender__icontains=word)
                | Q(sender_name__icontains=word)
            )
        return found.order_by("-urgent", "-received_at")
    found = found.filter(VIEWS[view][1])
    if sender is not None:
        found = found.filter(sender=sender)
    if view == "failed":
        return found.order_by("-urgent", "received_at")
    return found.order_by("-received_at")


def numbers(membership) -> dict[str, int]:
    """Return how many inputs each view holds, with one query."""
    counts = {name: Count("pk", filter=chosen) for name, (_label, chosen) in VIEWS.items()}
    return visible_to(membership).order_by().aggregate(**counts)


def senders(membership, view: str) -> Sequence[Mapping[str, Any]]:
    """Return who wrote the inputs of a group: sender, how many, the last one; the most first."""
    found = visible_to(membership).filter(VIEWS[view][1]).order_by().values("sender")
    found = found.annotate(number=Count("pk"), last=Max("received_at"), subject=Max("subject"))
    return list(found.order_by("-number", "sender")[:MOST_SENDERS])
