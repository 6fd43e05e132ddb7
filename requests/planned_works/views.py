"""Announce, change and cancel planned works; print their notices; show the public page."""

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.models import Residence
from portal.access import DESK_ROLES, PUBLIC, Role, audience
from portal.clock import now
from requests.attachments.responses import pdf
from requests.claims.transitions import Conflict
from requests.claims.workflow import NotAllowed
from requests.kit import pdf as documents
from requests.kit.form_texts import typed_texts
from requests.planned_works import actions, notice_periods
from requests.planned_works.forms import AnnounceForm, CancelForm, WhenForm
from requests.planned_works.models import PlannedNotice, PlannedWorks
from requests.planned_works.stock_panel import WRITERS


def _residences(membership):
    rows = Residence.objects.order_by("name")
    return rows if membership.role == Role.HEAD_OFFICE else rows.filter(unit=membership.unit_id)


@audience(*DESK_ROLES)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the works ahead and the last past ones."""
    rows = PlannedWorks.objects.visible_to(request.membership).select_related("residence")
    waiting = Count("notices", filter=Q(notices__state=PlannedNotice.State.TO_HAND))
    moment = now()
    page = {
        "ahead": rows.ahead(moment).annotate(waiting=waiting),
        "past": rows.exclude(pk__in=rows.ahead(moment)).order_by("-starts")[:20],
        "may_write": request.membership.role in WRITERS,
    }
    return render(request, "requests/planned_works/list.html", page)


@audience(*WRITERS)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose a residence, then announce works there; a short notice needs a reason."""
    residences = _residences(request.membership)
    asked = request.GET.get("residence", "")
    if not (asked.isascii() and asked.isdecimal()):
        return render(request, "requests/planned_works/where.html", {"residences": residences})
    residence = get_object_or_404(residences, pk=int(asked[:9]))
    form = AnnounceForm(request.POST or None, residence=residence)
    if request.method == "POST" and form.is_valid():
        data = {k: v for k, v in form.cleaned_data.items() if k != "doors"}
        try:
            made = actions.announce(
                residence=residence, membership=request.membership, now=now(), **data
            )
        except actions.TooLate as late:
            _late(form, late)
        else:
            messages.success(request, _("Announced. Every household concerned is told."))
            return redirect("planned", pk=made.pk)
    page = {"form": form, "residence": residence, "rules": _rules()}
    status = 422 if request.method == "POST" else 200
    return render(request, "requests/planned_works/new.html", page, status=status)


def _rules() -> list[dict]:
    return [
        {"label": notice_periods.Works(kind).label, "rule": rule}
        for kind, rule in notice_periods.RULES.items()
    ]


def _late(form, late: actions.TooLate) -> None:
    for problem in late.args:
        form.add_error("starts", problem)
    form.add_error("override", _("To announce it all the same, say why."))


def _works(request: HttpRequest, pk) -> PlannedWorks:
    rows = PlannedWorks.objects.visible_to(request.membership)
    return get_object_or_404(rows.select_related("residence", "contractor", "announced_by"), pk=pk)


@audience(*DESK_ROLES)
@require_GET
def works(request: HttpRequest, pk) -> HttpResponse:
    """Show one announcement with its notices."""
    return _page(request, _works(request, pk))


def _page(request: HttpRequest, found: PlannedWorks, form=None, cancel=None, status=200):
    active = not found.cancelled_at and found.ends > now()
    may_write = request.membership.role in WRITERS
    initial = {"starts": found.starts, "ends": found.ends, "text": found.text}
    notices = found.notices.select_related("dwelling__staircase").order_by(
        "-version", "dwelling__staircase__street", "dwelling__door"
    )
    page = {
        "works": found,
        "notices": notices,
        "rule": notice_periods.RULES[found.kind],
        "places": [*found.staircases.all(), *(home.door for home in found.dwellings.all())],
        "may_write": may_write,
        "waiting": any(row.state == PlannedNotice.State.TO_HAND for row in notices),
        "form": (form or WhenForm(initial=initial)) if active and may_write else None,
        "cancel": (cancel or CancelForm()) if active and may_write else None,
        "summary": form or cancel,
        # What was typed stays in its form, or beside it when nothing can be changed any more.
        "kept": [] if active else typed_texts(form or cancel) if form or cancel else [],
    }
    return render(request, "requests/planned_works/works.html", page, status=status)


def _changed_meanwhile(request: HttpRequest, pk, form=None, cancel=None) -> HttpResponse:
    """Show the announcement as it is now, with what was typed."""
    said = _("This announcement changed meanwhile. Nothing was done.")
    (form or cancel).add_error(None, said)
    return _page(request, _works(request, pk), form=form, cancel=cancel, status=409)


def _version(request: HttpRequest) -> int:
    value = request.POST.get("version", "")
    return int(value[:9]) if value.isascii() and value.isdecimal() else 0


@audience(*WRITERS)
@require_POST
def change(request: HttpRequest, pk) -> HttpResponse:
    """Change the dates or the text and tell every household again."""
    found = _works(request, pk)
    form = WhenForm(request.POST)
    if form.is_valid():
        try:
            actions.change(works=found, version=_version(request), now=now(), **form.cleaned_data)
        except actions.TooLate as late:
            _late(form, late)
        except (Conflict, NotAllowed):
            return _changed_meanwhile(request, pk, form=form)
        else:
            messages.success(request, _("Changed. Every household is told."))
            return redirect("planned", pk=pk)
    return _page(request, found, form=form, status=422)


@audience(*WRITERS)
@require_POST
def cancel(request: HttpRequest, pk) -> HttpResponse:
    """Cancel the works and tell every household."""
    found = _works(request, pk)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _page(request, found, cancel=form, status=422)
    try:
        actions.cancel(works=found, version=_version(request), now=now(), **form.cleaned_data)
    except (Conflict, NotAllowed):
        return _changed_meanwhile(request, pk, cancel=form)
    messages.success(request, _("Cancelled. Every household is told."))
    return redirect("planned", pk=pk)


@audience(*WRITERS)
@require_POST
def record_handed_notices(request: HttpRequest, pk) -> HttpResponse:
    """Record that the ticked notices were handed over or sent by registered letter."""
    found = _works(request, pk)
    keys = [key for key in request.POST.getlist("notice") if key.isascii() and key.isdecimal()]
    count = actions.record_handed_notices(works=found, notices=keys, by=request.user, now=now())
    messages.success(request, _("Noted for %(number)s.") % {"number": count})
    return redirect("planned", pk=pk)


@audience(*DESK_ROLES)
@require_GET
def poster(request: HttpRequest, pk) -> HttpResponse:
    """Return the poster for the hall as PDF, with a code for the public page."""
    found = _works(request, pk)
    link = settings.PALIER_URL + reverse("planned_public", args=[found.pk])
    page = {
        "works": found,
        "places": list(found.staircases.all()),
        "qr": documents.qr_svg(link),
        "now": now(),
    }
    drawn = documents.pdf("requests/planned_works/poster_pdf.html", page)
    return pdf(drawn, f"poster-{found.pk}.pdf", inline=True)


@audience(*DESK_ROLES)
@require_GET
def letters(request: HttpRequest, pk) -> HttpResponse:
    """Return the notices still to hand over as PDF, one page each, with a signature line."""
    found = _works(request, pk)
    rows = found.notices.filter(state=PlannedNotice.State.TO_HAND, version=found.version)
    page = {
        "works": found,
        "notices": rows.select_related("dwelling__staircase__building__residence"),
        "now": now(),
    }
    drawn = documents.pdf("requests/planned_works/letters_pdf.html", page)
    return pdf(drawn, f"letters-{found.pk}.pdf", inline=True)


@audience(PUBLIC)
@require_GET
def public(request: HttpRequest, pk) -> HttpResponse:
    """Show the works to anybody who scans the poster, without any name."""
    found = get_object_or_404(PlannedWorks.objects.select_related("residence", "contractor"), pk=pk)
    page = {"works": found, "places": found.staircases.all(), "over": found.ends <= now()}
    return render(request, "requests/planned_works/public.html", page)
