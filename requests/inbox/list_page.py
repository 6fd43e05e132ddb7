"""The page of the list, as several views answer with it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from agencies.http_types import StaffRequest
from portal import opened
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.claims.transitions import HOLD
from requests.inbox.bulk_forms import OTHERS
from requests.inbox.listing import Listing
from requests.inbox.panes import LIST, pane_of, render_panes


def toasts(request: HttpRequest) -> list[dict]:
    """Return what was just done, with the events that can still be undone.

    ``sent``: the claim whose composer was sent, so that its draft is forgotten.
    """
    found = []
    for message in messages.get_messages(request):
        tags = (message.extra_tags or "").split()
        undo = next((t.removeprefix("undo-") for t in tags if t.startswith("undo-")), "")
        sent = next((t.removeprefix("sent-") for t in tags if t.startswith("sent-")), "")
        found.append(
            {"text": message.message, "level": message.level_tag, "undo": undo, "sent": sent}
        )
    return found


def confirm_done(
    request: HttpRequest, text: str, *events: ClaimEvent, sent: Claim | None = None
) -> None:
    """Say what was done, and offer to undo ``events`` for half a minute.

    ``sent``: the claim whose composer it was.
    """
    numbers = ",".join(str(event.pk) for event in events)
    tags = [f"undo-{numbers}"] if numbers else []
    tags += [f"sent-{sent.pk}"] if sent else []
    messages.success(request, text, extra_tags=" ".join(tags))


def list_context(listing: Listing) -> dict[str, Any]:
    """Return all that the list pane needs."""
    return {**listing.context(), "bulk_others": OTHERS, "hold": int(HOLD.total_seconds())}


def list_page(
    request: StaffRequest, *, listing: Listing | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    """Return the list alone, logged as a look at it; ``more`` is added to its context.

    ``listing``: the list, where the caller has read it.
    """
    found = list_context(listing or Listing(request))
    opened.note_list(request, found["page_obj"])
    # What was just done is said once, and not in the list pane.
    if pane_of(request) != LIST:
        found["toasts"] = toasts(request)
    if request.method == "POST":
        found["opens_first"] = False
    return render_panes(request, "requests/inbox/inbox.html", {**found, **more}, status=status)
