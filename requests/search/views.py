"""The search of every staff page: a page of its own, and the same results for its dialog."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from agencies.http_types import StaffRequest
from portal import opened
from portal.access import STAFF_ROLES, audience
from portal.clock import now
from portal.database.replica import reads_from_replica
from requests.audit.queries import last_opened
from requests.search import pages, probes

IN_DIALOG, ON_PAGE = 5, 50
PERSONAL = frozenset({"people", "claims", "orders"})


def _results(request: StaffRequest, most: int) -> dict:
    """Return the groups for what was typed; without words, what the reader opened last."""
    text = request.GET.get("q", "").replace("\0", "").strip()[: probes.MOST_TYPED]
    page: dict = {"q": text, "groups": [], "recent": [], "near": False}
    member = request.membership
    if not text:
        page["recent"] = probes.recent(member, last_opened(request.user, 12))[:8]
        shown = page["recent"]
    else:
        entries = pages.entries_of(import_string(settings.PALIER_MENU)(request))
        asked = probes.Asked(text, member, now(), entries, most)
        page["groups"] = probes.run(asked)
        page["near"] = bool(page["groups"]) and all(group.near for group in page["groups"])
        shown = [hit for g in page["groups"] if g.name in PERSONAL for hit in g.hits]
    page["total"] = sum(len(group.hits) for group in page["groups"])
    if shown:
        opened.note_list(request, shown)
    return page


@audience(*STAFF_ROLES)
@never_cache
@require_GET
@reads_from_replica
def page(request: StaffRequest) -> HttpResponse:
    """Search, and show up to fifty of each kind."""
    return render(request, "requests/search/page.html", _results(request, ON_PAGE))


@audience(*STAFF_ROLES)
@never_cache
@require_GET
@reads_from_replica
def results(request: StaffRequest) -> HttpResponse:
    """Return the first of each kind, as the dialog shows them while one types."""
    return render(request, "requests/search/_results.html", _results(request, IN_DIALOG))
