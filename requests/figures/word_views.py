"""What members write beside figures: an agency's words, boards to keep, the wish for a mail."""

from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import StaffRequest
from portal.access import DESK_ROLES, Role, audience
from portal.clock import now
from requests.figures import actions
from requests.figures.forms import AnnotationForm, FiguresForm, KeepForm
from requests.figures.models import SavedBoard
from requests.figures.views import PAGES, page


@audience(Role.AGENCY_MANAGER)
@require_POST
def annotate(request: StaffRequest) -> HttpResponse:
    """Save the manager's explanation of a figure of their unit."""
    form = AnnotationForm(request.POST)
    if not form.is_valid():
        return page(request, "agency", annotation=form)
    actions.annotate(
        membership=request.membership,
        figure=form.cleaned_data["figure"],
        text=form.cleaned_data["text"],
        now=now(),
    )
    messages.success(request, _("Your words stand beside the figure."))
    return redirect("figures:agency")


@audience(Role.AGENCY_MANAGER)
@require_POST
def withdraw(request: StaffRequest, annotation: int) -> HttpResponse:
    """Withdraw an annotation of the manager's unit; 404 for another unit's."""
    if not actions.withdraw(membership=request.membership, pk=annotation, now=now()):
        raise Http404
    messages.success(request, _("Your words were withdrawn."))
    return redirect("figures:agency")


def home(request: StaffRequest) -> str:
    """Return the address of the first board of the member."""
    head = request.membership.role == Role.HEAD_OFFICE
    return reverse("head_office:overview" if head else "figures:agency")


def _board(request: StaffRequest) -> str:
    """Return the board that a form names. Raises Http404 for one that the member may not open."""
    name = request.POST.get("board", "")
    if name not in PAGES or request.membership.role not in PAGES[name][1]:
        raise Http404
    return name


def _query(request: StaffRequest) -> str:
    """Return the filters that a form carries, those of the board's own form and no others."""
    given = parse_qsl(request.POST.get("query", "")[:1000])
    return urlencode([(key, value) for key, value in given if key in FiguresForm.base_fields])


@audience(*DESK_ROLES)
@require_POST
def keep(request: StaffRequest) -> HttpResponse:
    """Keep the board with its filters under a name."""
    name, query = _board(request), _query(request)
    form = KeepForm(request.POST)
    if not form.is_valid():
        request.GET = QueryDict(query)
        return page(request, name, keep=form)
    actions.keep_board(
        membership=request.membership,
        name=form.cleaned_data["name"],
        board=name,
        query=query[:300],
    )
    messages.success(request, _("The board is kept."))
    return redirect(f"{reverse(PAGES[name][0])}?{query}")


@audience(*DESK_ROLES)
@require_GET
def open_kept(request: StaffRequest, pk: int) -> HttpResponse:
    """Go to a kept board; 404 for another member's."""
    kept = get_object_or_404(SavedBoard, pk=pk, membership=request.membership)
    return redirect(f"{reverse(PAGES[kept.board][0])}?{kept.query}")


@audience(*DESK_ROLES)
@require_POST
def drop(request: StaffRequest, pk: int) -> HttpResponse:
    """Forget a kept board; 404 for another member's."""
    if not actions.drop_board(membership=request.membership, pk=pk):
        raise Http404
    messages.success(request, _("The board is no longer kept. Its figures stay."))
    return redirect(home(request))


@audience(*DESK_ROLES)
@require_POST
def digest(request: StaffRequest) -> HttpResponse:
    """Begin or end the weekly mail."""
    wanted = request.POST.get("wanted") == "on"
    actions.want_digest(membership=request.membership, wanted=wanted)
    said = (
        _("You get the figures of the week each Monday.") if wanted else _("No more weekly mail.")
    )
    messages.success(request, said)
    return redirect(home(request))
