"""Open an incident: over requests that were grouped, or directly at a place, without any."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from agencies import place_search
from agencies.http_types import StaffRequest
from agencies.models import Building, Equipment, Staircase
from portal.access import DESK_ROLES, audience
from portal.actor import Actor
from portal.clock import now
from portal.identifiers import uuid_of
from portal.numbers import number_of
from requests.catalogue.models import Family
from requests.claims.equipment import KIND_OF
from requests.claims.models import Claim
from requests.incidents import actions, notices
from requests.incidents.forms import OpenForm
from requests.incidents.models import Incident

MOST = 20
FAMILY_OF = {kind: family for family, kind in KIND_OF.items()}


def first_words(found: dict[str, Any]) -> tuple[str, str]:
    """Return title and message to begin with, in the landlord's language."""
    with translation.override(settings.LANGUAGE_CODE):
        place = found["staircase"] or found["building"]
        what = found["equipment"] or found["family"]
        facts = {"what": str(what), "place": str(place)}
        known = {
            "ASC": _("The lift at %(place)s is out of service."),
            "CHA": _("The heating at %(place)s has stopped."),
            "ACC": _("The door at %(place)s does not work."),
            "VMC": _("The ventilation at %(place)s has stopped."),
        }
        said = known.get(found["family"].code, _("A fault at %(place)s: %(what)s.")) % facts
        then = _("We are on it. We write again as soon as we know more.")
        return f"{what} – {place}"[:160], f"{said} {then}"


def open_page(
    request: StaffRequest, found: dict[str, Any], claims: list[Claim], *, ticked: bool
) -> HttpResponse:
    """Return the page that opens an incident over ``claims`` at the place ``found``.

    ``ticked``: a person may leave out some of the claims.
    """
    moment = now()
    title, text = first_words(found)
    form = OpenForm(request.POST or None, initial={"title": title, "text": text})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                with transaction.atomic():
                    made = actions.open_incident(
                        building=found["building"],
                        family=found["family"],
                        staircase=found["staircase"],
                        equipment=found["equipment"],
                        title=data["title"],
                        text=data["text"],
                        expected_end=data["expected_end"],
                        claims=claims,
                        actor=Actor.member(request.membership),
                        now=moment,
                    )
            except IntegrityError:
                form.add_error(None, _("An incident is already open there."))
                status = 409
            else:
                messages.success(request, _("Incident opened. Every household is told."))
                return redirect("incident", pk=made.pk)
    page = {
        "found": found,
        "claims": claims,
        "form": form,
        "ticked": ticked,
        "households": notices.number_of_households(found["building"], found["staircase"], moment),
    }
    return render(request, "requests/incidents/new.html", page, status=status)


def _place(request: StaffRequest) -> dict[str, Any] | None:
    """Return the place of the address, in the member's stock; None when it names none.

    Raises Http404 for another one.
    """
    stock = place_search.Stock(request.membership)
    rows = {
        "equipment": stock.equipment(),
        "staircase": stock.staircases(),
        "building": stock.buildings(),
    }
    kind = next((name for name in rows if request.GET.get(name)), "")
    if not kind:
        return None
    place = get_object_or_404(rows[kind], pk=number_of(request.GET[kind]))
    gear = place if isinstance(place, Equipment) else None
    stairs = gear.staircase if gear else place if isinstance(place, Staircase) else None
    building = place if isinstance(place, Building) else place.building
    code = FAMILY_OF[gear.kind] if gear else request.GET.get("family", "")[:10]
    family = Family.objects.filter(code=code).first()
    return {
        "building": building,
        "staircase": stairs,
        "equipment": gear,
        "family": family,
        "query": urlencode({kind: place.pk}),
    }


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def direct(request: StaffRequest) -> HttpResponse:
    """Choose the place, then the kind of fault, then write: one address, filled in bit by bit."""
    found = _place(request)
    if found is None:
        return _where(request)
    if found["family"] is None:
        families = Family.objects.filter(
            categories__collective=True, categories__active=True
        ).distinct()
        page = {"found": found, "families": families, "back": reverse("incident_direct")}
        return render(request, "requests/incidents/what.html", page)
    same = Incident.objects.filter(
        family=found["family"],
        building=found["building"],
        staircase=found["staircase"],
        equipment=found["equipment"],
        closed_at__isnull=True,
    ).first()
    if same and request.method == "GET":
        messages.warning(request, _("An incident is already open there."))
        return redirect("incident", pk=same.pk)
    return open_page(request, found, _claims_of(request, found), ticked=True)


def _claims_of(request: StaffRequest, found: dict[str, Any]) -> list[Claim]:
    """Return the open claims about it; on a POST those that are still ticked."""
    rows = actions.filter_groupable(Claim.objects.visible_to(request.membership)).filter(
        building=found["building"], category__family=found["family"]
    )
    if found["staircase"]:
        rows = rows.filter(staircase=found["staircase"])
    if request.method == "POST":
        rows = rows.filter(pk__in=[k for k in map(uuid_of, request.POST.getlist("claim")) if k])
    related = ("category__family", "building__residence", "staircase", "dwelling")
    return list(rows.select_related(*related).order_by("filed_at")[:100])


@require_GET
def _where(request: StaffRequest) -> HttpResponse:
    """Find the building or the street door, by address or residence."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:100]
    stock = place_search.Stock(request.membership)
    found = place_search.find(stock, text, MOST) if text else None
    page: dict[str, Any] = {"q": text, "buildings": [], "staircases": []}
    if found:
        page["staircases"] = found.staircases
        page["buildings"] = found.buildings or list(
            stock.buildings()
            .filter(residence__in=found.residences)
            .order_by("residence__name", "code")[:MOST]
        )
    return render(request, "requests/incidents/where.html", page)
