"""The pages of the round. Everything is fetched through the caretaker's own buildings.

``send`` takes one item of the phone's outbox per POST. A page without JavaScript posts the same
form to the same address and gets a page back.
"""

import uuid

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.forms import BaseForm
from django.http import HttpResponse, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.access import caretaker_buildings
from agencies.http_types import StaffRequest
from agencies.models import Building, Dwelling, Equipment, Staircase
from portal.access import Role, audience
from portal.actor import Actor
from portal.clock import now
from portal.numbers import number_of
from requests.attachments.responses import qr_code
from requests.catalogue.models import Category, Family
from requests.claims.models import Claim
from requests.equipment import corrections
from requests.filing.actions import KeyReused
from requests.rounds import queries as rounds
from requests.rounds.actions import (
    NothingToCheck,
    PhotoRefused,
    Report,
    check_work,
    send_report,
)
from requests.rounds.doors import NotThisDoor, name_door, not_found, tasks_of
from requests.rounds.forms import CheckForm, CorrectionForm, DoorForm, ReportForm, TenantForm

# What a caretaker chooses from without a search: the page is to be light on any phone.
MOST_BUILDINGS = 50
GONE = (Building.DoesNotExist, Dwelling.DoesNotExist, Claim.DoesNotExist, Category.DoesNotExist)


def chosen_building(request: StaffRequest) -> tuple[list[Building], Building | None]:
    """Return the caretaker's buildings, and the one asked for with ``?at=`` or ``building``.

    At most ``MOST_BUILDINGS`` and one more: the first by name, or those found with ``?find=``.
    """
    rows = caretaker_buildings(request.membership)
    found = rows
    for word in request.GET.get("find", "").replace("\0", "").split()[:6]:
        found = found.filter(Q(residence__name__icontains=word) | Q(code__icontains=word))
    own = list(found[: MOST_BUILDINGS + 1]) or list(rows[: MOST_BUILDINGS + 1])
    asked = request.POST.get("building") or request.GET.get("at") or ""
    place = next((b for b in own if str(b.pk) == asked), None)
    if place is None and len(own) > MOST_BUILDINGS and (pk := number_of(asked)):
        place = rows.filter(pk=pk).first()
    return own, place or (own[0] if own else None)


def round_context(request: StaffRequest) -> dict:
    """Return what the header and the outbox of every page of the round need."""
    own, place = chosen_building(request)
    more = len(own) > MOST_BUILDINGS
    listed = own[:MOST_BUILDINGS]
    if place and place not in listed:
        listed = [place, *listed[:-1]]
    return {
        "buildings": listed,
        "more_buildings": more or "find" in request.GET,
        "find": request.GET.get("find", ""),
        "place": place,
        "owner": request.membership.user_id,
    }


@audience(Role.CARETAKER)
@require_GET
def home(request: StaffRequest) -> HttpResponse:
    """Show what is to be checked here, what was sent, and the report button."""
    return _home(request)


def _home(
    request: StaffRequest,
    *,
    form: BaseForm | None = None,
    failed: BaseForm | None = None,
    unnamed: DoorForm | None = None,
    status: int = 200,
) -> HttpResponse:
    page = round_context(request)
    place = page["place"]
    form = form or ReportForm(pictures=rounds.fault_pictures())
    doors, doors_left = tasks_of(place) if place else ([], 0)
    page |= {
        "doors": doors,
        "doors_left": doors_left,
        "unnamed": unnamed,
        "form": form,
        "failed": failed,
        "pictures": rounds.fault_pictures(),
        "seen": rounds.claims_of_building(request.membership, place.pk, now()) if place else [],
        "key": uuid.uuid4(),
    }
    return render(request, "requests/rounds/home.html", page, status=status)


@audience(Role.CARETAKER)
@never_cache
@require_GET
def token(request: StaffRequest) -> JsonResponse:
    """Return whose session it is and a new CSRF token; the outbox asks before it sends."""
    return JsonResponse({"token": get_token(request), "owner": request.membership.user_id})


@audience(Role.CARETAKER)
@require_POST
def send(request: StaffRequest) -> HttpResponse:
    """Receive one item: a report, a tenant's claim, or a check of finished work.

    JSON answers are receipts: 200 ``{"reference"}``, 422 ``{"why"}``. The same key gets the same
    answer. What is outside the own buildings is a 404.
    """
    kind = request.POST.get("kind", "report")
    if kind == "door":
        return _door(request)
    form = _form(request, kind)
    if not form.is_valid():
        why = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return _refused(request, kind, form, why)
    data = form.cleaned_data
    common = {"photos": data["photos"], "actor": Actor.member(request.membership), "now": now()}
    try:
        if kind == "check":
            claim = check_work(
                claim=data["claim"],
                key=str(data["key"]),
                fixed=data["fixed"] == "yes",
                words=data["words"],
                **common,
            ).claim
        else:
            report = Report(
                key=str(data["key"]),
                category=data["category"],
                building=data["building"],
                dwelling=data.get("dwelling"),
                words=data["words"],
                phone=data.get("phone", ""),
            )
            claim = send_report(report, **common)
    except GONE:
        return _missing(request)
    except PhotoRefused as refused:
        form.add_error("photos", str(refused))
        return _refused(request, kind, form, str(refused))
    except NothingToCheck:
        return _refused(request, kind, form, _("This was checked meanwhile, or began again."))
    except KeyReused:
        return _refused(request, kind, form, _("This was already sent, with other words."))
    if not request.accepts("text/html"):
        return JsonResponse({"reference": claim.spoken_reference})
    messages.success(request, _("Sent: no. %(ref)s.") % {"ref": claim.spoken_reference})
    at = request.POST.get("building") or claim.building_id
    return redirect(f"{reverse('round:home')}?at={at}")


def _door(request: StaffRequest) -> HttpResponse:
    """Receive the name of one door, or that there is no such dwelling."""
    form = DoorForm(request.POST)
    why = ""
    if form.is_valid():
        data, actor = form.cleaned_data, Actor.member(request.membership)
        try:
            if data["missing"]:
                home = not_found(dwelling=data["dwelling"], actor=actor, now=now())
            else:
                home = name_door(
                    dwelling=data["dwelling"],
                    door=data["door"],
                    floor=data["floor"],
                    actor=actor,
                    now=now(),
                )
        except Dwelling.DoesNotExist:
            return _missing(request)
        except NotThisDoor as refused:
            form.add_error("door", str(refused))
        else:
            return _door_kept(request, home)
    why = " ".join(str(error) for errors in form.errors.values() for error in errors)
    if not request.accepts("text/html"):
        return JsonResponse({"why": why}, status=422)
    return _home(request, unnamed=form, status=422)


def _door_kept(request: StaffRequest, home: Dwelling) -> HttpResponse:
    if not request.accepts("text/html"):
        return JsonResponse({"reference": str(home.number or home.door)})
    if home.number:
        messages.success(request, _("Noted: the office is told that it is not there."))
    else:
        messages.success(request, _("Noted: door %(door)s.") % {"door": home.door})
    return redirect(f"{reverse('round:home')}?at={home.staircase.building_id}")


def _form(request: StaffRequest, kind: str) -> CheckForm | TenantForm | ReportForm:
    if kind == "check":
        # The ids of the fields in the line of this claim, for the links of the error summary.
        ids = f"%s-{request.POST.get('claim', '').replace('%', '')}"
        return CheckForm(request.POST, request.FILES, auto_id=ids)
    if kind == "tenant":
        return _tenant_form(request, request.POST, request.FILES)
    return ReportForm(request.POST, request.FILES, pictures=rounds.fault_pictures())


def _missing(request: StaffRequest) -> HttpResponse:
    why = _("This is not in your buildings.")
    if request.accepts("text/html"):
        return render(request, "404.html", status=404)
    return JsonResponse({"why": why}, status=404)


def _refused(
    request: StaffRequest, kind: str, form: CheckForm | TenantForm | ReportForm, why: str
) -> HttpResponse:
    """Answer 422: a receipt for the outbox, or the page with the form as it was typed."""
    if not request.accepts("text/html"):
        return JsonResponse({"why": why}, status=422)
    if isinstance(form, TenantForm):
        return _tenant_page(request, form, status=422)
    if not form.errors:
        form.add_error(None, why)
    if kind == "check":
        return _home(request, failed=form, status=422)
    return _home(request, form=form, status=422)


@audience(Role.CARETAKER)
@require_GET
def for_tenant(request: StaffRequest) -> HttpResponse:
    """File in the name of the tenant of a dwelling."""
    return _tenant_page(request, _tenant_form(request, None, None))


def _tenant_form(
    request: StaffRequest, data: QueryDict | None, files: MultiValueDict | None
) -> TenantForm:
    _own, place = chosen_building(request)
    homes = Dwelling.objects.filter(staircase__building=place).select_related("staircase")
    doors: dict[str, list] = {}
    for home in homes.order_by("staircase__street", "staircase__code", "floor", "door"):
        floor = "" if home.floor is None else _("floor %(floor)s") % {"floor": home.floor}
        label = " · ".join(part for part in (home.door_label or home.natural_key, floor) if part)
        stairs = f"{home.staircase.street} ({home.staircase.code})"
        doors.setdefault(stairs, []).append((home.pk, label))
    families = Family.objects.order_by("position").prefetch_related("categories")
    faults = [
        (
            str(family),
            [
                (c.code, c.plain_language or str(c))
                for c in sorted(
                    family.categories.all(), key=lambda c: (c.public_rank or 99, c.code)
                )
                if c.active and not c.sensitive
            ],
        )
        for family in families
    ]
    return TenantForm(
        data,
        files,
        dwellings=list(doors.items()),
        categories=[group for group in faults if group[1]],
        initial={"building": place.pk if place else None, "key": uuid.uuid4()},
    )


def _tenant_page(request: StaffRequest, form: TenantForm, status: int = 200) -> HttpResponse:
    page = {**round_context(request), "form": form}
    if page["place"] is None:
        return redirect("round:home")  # The home page says how to be given a building.
    return render(request, "requests/rounds/tenant.html", page, status=status)


@audience(Role.CARETAKER)
@require_GET
def building(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one building: its equipment, and the sheets for its halls."""
    place = get_object_or_404(caretaker_buildings(request.membership), pk=pk)
    equipment_list = place.equipment.select_related("staircase").order_by("kind", "label")
    page = {**round_context(request), "place": place, "equipment": equipment_list}
    return render(request, "requests/rounds/building.html", page)


@audience(Role.CARETAKER)
@require_http_methods(["GET", "POST"])
def equipment(request: StaffRequest, pk: int) -> HttpResponse:
    """Propose a correction of the record of a piece of equipment; the agency applies it."""
    equipment = get_object_or_404(
        Equipment.objects.filter(building__in=caretaker_buildings(request.membership)), pk=pk
    )
    if request.method == "POST":
        form = CorrectionForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            made = corrections.propose(
                equipment=equipment,
                key=str(data["key"]),
                values=data,
                note=data["note"],
                by=request.user,
                now=now(),
            )
            said = _("Sent to the agency, who will correct the record.")
            messages.success(request, said if made else _("Nothing differs: nothing was sent."))
            return redirect("round:building", pk=equipment.building_id)
    else:
        known = {name: getattr(equipment, name) for name in ("label", "installed", "contract")}
        form = CorrectionForm(initial={**known, "key": uuid.uuid4()})
    waiting = equipment.corrections.filter(accepted__isnull=True)
    page = {**round_context(request), "equipment": equipment, "form": form, "waiting": waiting}
    page["place"] = equipment.building
    return render(
        request, "requests/rounds/equipment.html", page, status=422 if form.errors else 200
    )


@audience(Role.CARETAKER)
@require_GET
def sheet(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one page to print for each hall, with its QR code."""
    place = get_object_or_404(caretaker_buildings(request.membership), pk=pk)
    page = {"place": place, "halls": place.staircases.all(), "address": settings.PALIER_URL}
    return render(request, "requests/rounds/sheet.html", page)


@audience(Role.CARETAKER)
@require_GET
def qr(request: StaffRequest, pk: int) -> HttpResponse:
    """Return the QR code of one hall (SVG), drawn by the portal."""
    halls = Staircase.objects.filter(building__in=caretaker_buildings(request.membership))
    stairs = get_object_or_404(halls, pk=pk)
    address = settings.PALIER_URL + reverse("hall", args=[stairs.hall_code])
    return qr_code(address)
