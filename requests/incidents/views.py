"""Show, open, update and close collective incidents; print their poster; show the public page."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http_types import StaffRequest
from agencies.models import Building, Equipment, Staircase
from portal import windows
from portal.access import DESK_ROLES, PUBLIC, audience
from portal.actor import Actor
from portal.clock import now
from portal.identifiers import uuid_of
from portal.numbers import number_of
from requests.attachments.responses import pdf
from requests.catalogue.models import Category, Family
from requests.claims import workflow
from requests.claims.household import NOT_CONFIDENTIAL
from requests.claims.models import Claim
from requests.claims.transitions import Conflict
from requests.filing import drafts
from requests.incidents import actions
from requests.incidents.forms import TellForm
from requests.incidents.models import Incident
from requests.incidents.open_views import open_page
from requests.kit import pdf as documents
from requests.work_orders.order_proposal import equipment_of

MOST = 100  # claims that may be grouped at once
PER_PAGE = 30


def _proposals(membership) -> list[dict]:
    """Return the proposed incidents with the labels of their place and family."""
    found = actions.proposals(membership, now())
    families = {f.code: f for f in Family.objects.filter(code__in={c.family for c in found})}
    buildings = Building.objects.select_related("residence").in_bulk({c.building for c in found})
    gear = Equipment.objects.in_bulk({c.equipment for c in found if c.equipment})
    stairs = Staircase.objects.in_bulk({c.staircase for c in found if c.staircase})
    return [
        {
            "key": f"{c.family}-{c.building}-{c.equipment or 0}",
            "cluster": c,
            "family": families[c.family],
            "building": buildings[c.building],
            "equipment": gear.get(c.equipment),
            "staircase": stairs.get(c.staircase),
            "count": len(c.claims),
        }
        for c in found
    ]


@audience(*DESK_ROLES)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the proposed, the open and the last closed incidents."""
    mine = Incident.objects.visible_to(request.membership)
    open_ones = mine.filter(closed_at__isnull=True)
    shown = open_ones.select_related("family", "building__residence", "staircase", "equipment")
    page = {
        "proposals": _proposals(request.membership),
        "page_obj": windows.page(
            request, open_ones, PER_PAGE, shown=shown.annotate(filed=Count("members"))
        ),
        "closed": mine.filter(closed_at__isnull=False).select_related("building__residence")[:20],
    }
    return render(request, "requests/incidents/list.html", page)


@audience(*DESK_ROLES)
@require_POST
def pick(request: HttpRequest) -> HttpResponse:
    """Redirect from the rows ticked in the inbox to the page that groups them."""
    ticked = [value.partition(":")[0] for value in request.POST.getlist("pick")[:MOST]]
    picks = [("pick", key) for key in ticked if uuid_of(key)]
    return redirect(f"{reverse('incident_group')}?{urlencode(picks)}")


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def group(request: StaffRequest) -> HttpResponse:
    """Group the picked claims, or the claims similar to one (``near``), after a person confirms.

    All must be of one family in one building, because an incident is one fault.
    """
    claims = _picked(request)
    places = {(claim.category.family_id, claim.building_id) for claim in claims}
    if len(claims) < 2 or len(places) != 1:
        messages.warning(
            request,
            _("Choose at least two open requests of the same kind in the same building."),
        )
        return redirect("agency:inbox")
    first = claims[0]
    stairs = {claim.staircase for claim in claims}
    gear = {equipment_of(claim) for claim in claims}
    found = {
        "family": first.category.family,
        "building": first.building,
        "staircase": stairs.pop() if len(stairs) == 1 else None,
        "equipment": gear.pop() if len(gear) == 1 else None,
    }
    return open_page(request, found, claims, ticked=True)


def _picked(request: HttpRequest) -> list[Claim]:
    mine = Claim.objects.visible_to(request.membership)
    near = uuid_of(request.GET.get("near", ""))
    if near:
        claim = mine.select_related("category").filter(pk=near).first()
        picks = (
            [row.pk for row in actions.similar_claims(claim, request.membership)] if claim else []
        )
    else:
        picks = [key for key in map(uuid_of, request.GET.getlist("pick")[:MOST]) if key]
    # On a POST, keep only the claims that are still ticked on the page.
    if request.method == "POST":
        kept = {uuid_of(key) for key in request.POST.getlist("claim")}
        picks = [key for key in picks if key in kept]
    rows = actions.filter_groupable(mine).filter(pk__in=picks)
    related = ("category__family", "building__residence", "staircase", "dwelling")
    return list(rows.select_related(*related).order_by("filed_at"))


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest, key: str) -> HttpResponse:
    """Open a proposed incident; its claims are read from the database, never from the form."""
    found = next((p for p in _proposals(request.membership) if p["key"] == key), None)
    if found is None:
        messages.warning(request, _("These claims are no longer a group. Nothing was done."))
        return redirect("incidents")
    claims = list(
        Claim.objects.visible_to(request.membership)
        .filter(pk__in=found["cluster"].claims)
        .select_related("category", "staircase", "dwelling")
    )
    return open_page(request, found, claims, ticked=False)


def _incident(request: HttpRequest, pk) -> Incident:
    return get_object_or_404(
        Incident.objects.visible_to(request.membership).select_related(
            "family", "building__residence", "staircase", "equipment", "opened_by"
        ),
        pk=pk,
    )


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def incident(request: HttpRequest, pk) -> HttpResponse:
    """Show one incident; on POST, send one message to every household."""
    found = _incident(request, pk)
    initial = {"version": found.version, "text": found.text, "expected_end": found.expected_end}
    form = TellForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                count = actions.notify_all(
                    incident=found,
                    text=data["text"],
                    expected_end=data["expected_end"],
                    version=data["version"] or 0,
                    actor=Actor.member(request.membership),
                    now=now(),
                )
            except (Conflict, workflow.NotAllowed):
                form.add_error(None, _("Somebody wrote meanwhile. Read it again, then send."))
                status = 409
            else:
                messages.success(request, _("Sent to %(count)s households.") % {"count": count})
                return redirect("incident", pk=pk)
    visible = Claim.objects.visible_to(request.membership).filter(in_incident__incident=found)
    claims = visible.select_related("category", "dwelling", "staircase").order_by("filed_at")
    page = {"incident": found, "claims": claims, "form": form}
    return render(request, "requests/incidents/incident.html", page, status=status)


@audience(*DESK_ROLES)
@require_POST
def close(request: HttpRequest, pk) -> HttpResponse:
    """Close an incident as repaired and ask each household whether it is fixed for them."""
    found = _incident(request, pk)
    try:
        asked = actions.close_incident(
            incident=found,
            actor=Actor.member(request.membership),
            version=number_of(request.POST.get("version")),
            now=now(),
        )
    except (Conflict, workflow.NotAllowed):
        messages.warning(request, _("This incident changed meanwhile. Nothing was done."))
    else:
        messages.success(
            request, _("Closed. %(count)s households are asked if it is fixed.") % {"count": asked}
        )
    return redirect("incident", pk=pk)


@audience(*DESK_ROLES)
@require_GET
def poster(request: HttpRequest, pk) -> HttpResponse:
    """Return the poster for the hall as PDF: fault, expected end, code for the public page."""
    found = _incident(request, pk)
    link = settings.PALIER_URL + reverse("incident_public", args=[found.pk])
    body = documents.pdf(
        "requests/incidents/poster_pdf.html",
        {
            "incident": found,
            "link": link,
            "qr": documents.qr_svg(link),
            "now": now(),
        },
    )
    return pdf(body, f"poster-{found.pk}.pdf", inline=True)


@audience(PUBLIC, repeat="begins a draft")
@require_http_methods(["GET", "POST"])
def public(request: HttpRequest, pk) -> HttpResponse:
    """Show neighbours the incident behind the poster, without any name, and let them say "me too".

    A POST starts a draft with the fault and the address filled in; a GET changes nothing.
    """
    found = get_object_or_404(
        Incident.objects.select_related("family", "building__residence", "staircase"), pk=pk
    )
    if request.method == "POST":
        stairs = found.staircase or found.building.staircases.order_by("pk").first()
        place = found.building.residence
        street = f"{stairs.street}, " if stairs else ""
        told_of = Claim.objects.system("what the incident is about").filter(
            in_incident__incident=found, **NOT_CONFIDENTIAL
        )
        # Asked one after the other: whoever reads the poster may read no request.
        codes = list(told_of.values_list("category", flat=True).distinct())
        told = Category.objects.filter(pk__in=codes, active=True, urgency__startswith="U")
        fault = told.filter(collective=True).first() or told.first()
        code = fault.code if fault else ""
        address = f"{street}{place.postcode} {place.commune}"
        drafts.keep(request, address=address, home="", category=code, done=[], same_as="")
        return redirect("file_where" if code else "file_what")
    return render(request, "requests/incidents/public.html", {"incident": found})
