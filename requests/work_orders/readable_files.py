"""The files of a claim that people outside the office may open: the author, the home, a proxy."""

from django.db.models import Q, QuerySet

from requests.claims.event_models import Message
from requests.claims.household import OWN_PAGES
from requests.claims.models import Claim
from requests.work_orders.photos import TOLD_MOMENTS, contractor_photos


def readable_files(claim: Claim, messages: QuerySet | None = None) -> QuerySet:
    """Return the files that the author of ``claim`` reads: never what only the office may see.

    ``messages``: the part of the conversation that somebody of the home reads; theirs are the
    files that came with these, or with a filing on our own pages.
    """
    work = contractor_photos(claim)
    shown = Q(pk__in=work.filter(moment__in=TOLD_MOMENTS).values("attachment"))
    filed = Q(message__isnull=True, author__isnull=True)
    filed &= ~Q(pk__in=work.values("attachment"))
    rows = claim.attachments.exclude(message__direction=Message.Direction.NOTE)
    if messages is None:
        return rows.filter(Q(message__isnull=False) | filed | shown)
    told = Q(message__in=messages.values("pk"))
    return rows.filter(told | shown | filed & Q(channel__in=OWN_PAGES))


def filed_with(claim: Claim, files: QuerySet) -> QuerySet:
    """Return, of ``files``, those that came with the filing itself, without words of their own."""
    work = contractor_photos(claim).values("attachment")
    return files.filter(message__isnull=True, channel=claim.channel).exclude(pk__in=work)
