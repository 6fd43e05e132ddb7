"""Show boards to head office and agencies, and the claims behind each mark."""

from collections.abc import Callable
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from agencies.http_types import StaffRequest
from portal import opened, windows
from portal.access import DESK_ROLES, Role, audience
from portal.database.replica import reads_from_replica
from requests.claims.models import Claim
from requests.figures import actions, behind, board_page
from requests.figures.board_page import Asked
from requests.figures.boards import Board
from requests.figures.forms import AnnotationForm, KeepForm
from requests.figures.measures import DEFINITIONS, Measure
from requests.kit.choices import Channel

PER_PAGE = 50
SHOWN = ("category", "residence", "owner__unit")
# Board → its address, who opens it, what makes it.
PAGES: dict[str, tuple[str, frozenset[str], Callable[[Asked], Board]]] = {
    "customers": ("head_office:overview", frozenset({Role.HEAD_OFFICE}), board_page.customers),
    "stock": ("head_office:stock", frozenset({Role.HEAD_OFFICE}), board_page.stock),
    "agency": ("figures:agency", frozenset(DESK_ROLES), board_page.of_agency),
}


def page(
    request: StaffRequest,
    name: str,
    *,
    annotation: AnnotationForm | None = None,
    keep: KeepForm | None = None,
) -> HttpResponse:
    """Show a board, with what was typed into one of its forms when that was wrong."""
    asked = board_page.ask(request)
    board = PAGES[name][2](asked)
    _record(request, asked)
    wrong = annotation or keep or asked.form
    mine = asked.place if request.membership.role == Role.AGENCY_MANAGER else None
    context: dict[str, Any] = {
        "board": board,
        "choice": asked.choice,
        "whose": board_page.title_of(asked) if name == "agency" else "",
        "place": asked.place if name == "agency" else None,
        "filters": asked.form,
        "query": asked.choice.asking(),
        **asked.beside,
        "definitions": DEFINITIONS,
        "mine": mine,
        "annotation": (annotation or AnnotationForm()) if mine else None,
        "keep": keep or KeepForm(),
        "boards": _boards(request, name),
        "form": wrong,
    }
    status = 422 if wrong.errors else 200
    return render(request, "requests/figures/board.html", context, status=status)


def _boards(request: StaffRequest, name: str) -> list[tuple[str, bool]]:
    """Return the names of the boards that the member may open, and which one is shown."""
    allowed = [key for key, (_u, roles, _m) in PAGES.items() if request.membership.role in roles]
    return [(key, key == name) for key in allowed] if len(allowed) > 1 else []


def _record(request: StaffRequest, asked: Asked) -> None:
    actions.record_view(
        membership=request.membership,
        path=board_page.address(request),
        now=asked.moment,
        unit=asked.place.unit.pk if asked.place else None,
    )


@audience(Role.HEAD_OFFICE, Role.AGENCY_MANAGER)
@require_GET
@reads_from_replica
def overview(request: StaffRequest) -> HttpResponse:
    """Show the board of the customer direction; a manager's own board is another page."""
    if request.membership.role == Role.AGENCY_MANAGER:
        return redirect("figures:agency")
    return page(request, "customers")


@audience(Role.HEAD_OFFICE)
@require_GET
@reads_from_replica
def stock(request: StaffRequest) -> HttpResponse:
    """Show the board of the stock direction."""
    return page(request, "stock")


@audience(*DESK_ROLES)
@require_GET
@reads_from_replica
def agency(request: StaffRequest) -> HttpResponse:
    """Show the board of the member's agency; to those who work for all, of any or of all."""
    return page(request, "agency")


@audience(*DESK_ROLES)
@require_GET
def claims(request: StaffRequest) -> HttpResponse:
    """List the claims behind a mark of a board."""
    asked = board_page.ask(request)
    measure = behind.measure_of(request.GET)
    now_only = measure in behind.LIVE
    if now_only:
        found, words = behind.open_now(asked.membership, asked.choice, request.GET, asked.moment)
        order = (F("promise_at").asc(nulls_last=True), "filed_at", "pk")
        rows = windows.page(request, found.select_related(*SHOWN).order_by(*order), PER_PAGE)
        hidden = 0
    else:
        facts, words = behind.facts(asked.choice, request.GET)
        rows = behind.window(request, facts, PER_PAGE)
        seen = Claim.objects.visible_to(asked.membership).select_related(*SHOWN)
        by_key = seen.in_bulk(list(rows.object_list))
        shown = [by_key[key] for key in rows.object_list if key in by_key]
        hidden = len(rows.object_list) - len(shown)
        rows.object_list = shown
    _record(request, asked)
    opened.note_list(request, rows)
    context = {
        "title": behind.TITLES[measure],
        "definition": DEFINITIONS[Measure(measure)] if measure in Measure.values else "",
        "words": words,
        "choice": asked.choice,
        "family": asked.families.get(asked.choice.family),
        "channel": Channel(asked.choice.channel).label if asked.choice.channel else "",
        "now_only": now_only,
        "hidden": hidden,
        "query": windows.kept(request.GET),
        "back": _back(request, asked),
        "page_obj": rows,
    }
    return render(request, "requests/figures/claims.html", context)


def _back(request: HttpRequest, asked: Asked) -> str:
    head = asked.membership.role == Role.HEAD_OFFICE
    name = "head_office:overview" if head else "figures:agency"
    return f"{reverse(name)}?{asked.choice.asking()}"
