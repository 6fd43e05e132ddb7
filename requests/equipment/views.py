"""Pages of lifts, boilers and doors: the list, one log, its label, its public page."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies import upkeep
from agencies.models import Equipment, Upkeep
from agencies.views import stock
from portal import windows
from portal.access import DESK_ROLES, PUBLIC, Role, audience
from portal.clock import now
from portal.database.replica import reads_from_replica
from portal.database.streams import in_chunks
from portal.export import csv_file, csv_stream
from requests.attachments.responses import pdf
from requests.catalogue.models import Family
from requests.equipment import log as equipment_log
from requests.equipment import upkeep_visits as actions
from requests.equipment import uptime
from requests.filing import drafts
from requests.incidents import known_faults
from requests.incidents.models import Incident
from requests.kit import pdf as documents
from requests.kit.fields import DayField

READERS = DESK_ROLES | {Role.CARETAKER}
WRITERS = frozenset({Role.AGENT, Role.AGENCY_MANAGER, Role.HEAD_OFFICE})
PER_PAGE = 50
WINDOW = 250  # machines: the building of each is looked up for the order of the list
LINES = 100
SPANS = (30, 365)
# Kind of equipment -> the tile on the first filing page.
TILES = {"lift": "lift", "boiler": "heating", "entry": "door", "ventilation": "damp"}
STATES = {
    "stopped": _("out of service"),
    "reported": _("a fault is reported"),
    "missed": _("visit missed"),
    "soon": _("visit due soon"),
    "unknown": _("no visit on record"),
}


class VisitForm(forms.Form):
    """One visit that was made, copied from the logbook or the report."""

    what = forms.ChoiceField(label=_("Which visit?"))
    done_on = DayField(label=_("Made on"), ask=_("Give the day of the visit."))
    company = forms.CharField(label=_("Company"), max_length=120, required=False)
    note = forms.CharField(label=_("What was found"), max_length=300, required=False)

    def __init__(self, *args, equipment: Equipment, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        known = [rule.what for rule in upkeep.rules_of(equipment.kind)]
        self.fields["what"].choices = [(code, Upkeep(code).label) for code in known]

    def clean_done_on(self):
        made = self.cleaned_data["done_on"]
        if made > timezone.localdate():
            raise forms.ValidationError(_("A visit that was made cannot be in the future."))
        return made


def _search(request: HttpRequest) -> tuple[QuerySet[Equipment], dict]:
    """Return the equipment found by words, kind, state and residence, and the search itself."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    kind = request.GET.get("kind", "")
    state = request.GET.get("state", "")
    residence = request.GET.get("residence", "")
    rows = equipment_log.visible_to(request.membership)
    for word in words.split()[:6]:
        rows = rows.filter(
            Q(label__icontains=word)
            | Q(building__residence__name__icontains=word)
            | Q(staircase__street__icontains=word)
            | Q(contract__icontains=word)
        )
    kind = kind if kind in Equipment.Kind.values else ""
    if kind:
        rows = rows.filter(kind=kind)
    residence = residence if residence.isascii() and residence.isdecimal() else ""
    if residence:
        rows = rows.filter(building__residence=int(residence[:9]))
    state = state if state in STATES else ""
    if state:
        rows = rows.filter(pk__in=_in_state(rows, state))
    order = ("building__residence__name", "building__code", "kind", "label", "pk")
    return rows.order_by(*order), {"q": words, "kind": kind, "state": state, "residence": residence}


def _in_state(rows: QuerySet[Equipment], state: str) -> list[int]:
    if state == "stopped":
        by_equipment = equipment_log.stops_by_equipment(rows, now())
        return [
            pk for pk, stops in by_equipment.items() if equipment_log.out_of_service_since(stops)
        ]
    if state == "reported":
        return list(equipment_log.open_faults(rows))
    due = upkeep.due(rows, timezone.localdate())
    return [pk for pk, visits in due.items() if any(visit.state == state for visit in visits)]


def _lines(rows: list[Equipment]) -> list[dict]:
    """Return what the list shows of each piece of equipment: state, last 30 days, next visit."""
    moment = now()
    stops = equipment_log.stops_by_equipment(rows, moment)
    faults = equipment_log.open_faults(rows)
    due = upkeep.due(rows, timezone.localdate(moment))
    return [
        {
            "equipment": row,
            "since": equipment_log.out_of_service_since(stops.get(row.pk, [])),
            "faults": faults.get(row.pk, 0),
            "share": uptime.share(stops.get(row.pk, []), days=30, now=moment),
            "next": next((visit for visit in due[row.pk] if visit.due_on), None),
        }
        for row in rows
    ]


@audience(*READERS)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the equipment by residence, with its state."""
    rows, search = _search(request)
    found = windows.page(request, rows, PER_PAGE, most=WINDOW)
    page = {
        "page_obj": found,
        "lines": _lines(list(found)),
        "asked": search,
        "kinds": Equipment.Kind.choices,
        "states": STATES.items(),
        "query": urlencode({k: v for k, v in search.items() if v}),
    }
    return render(request, "requests/equipment/list.html", page)


@audience(*READERS)
@require_GET
@reads_from_replica
def list_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Return the whole list as CSV."""
    rows, _query = _search(request)
    rows = rows.select_related(None).select_related("building__residence")
    heads = [
        _("Residence"),
        _("Building"),
        _("Equipment"),
        _("Kind"),
        _("Contract"),
        _("State"),
        _("In service over 30 days, %"),
        _("Next visit"),
        _("Due"),
    ]

    def body() -> Iterator[list]:
        kinds = {code: str(label) for code, label in Equipment.Kind.choices}
        for chunk in in_chunks(rows):
            for line in _lines(chunk):
                yield _cells(line, kinds)

    return csv_stream("palier-equipment", heads, body, rows.count())


def _cells(line: dict, kinds: dict[str, str]) -> list:
    """Return one line of ``_lines`` as its row of the file."""
    equipment, visit = line["equipment"], line["next"]
    state = STATES["stopped"] if line["since"] else STATES["reported"] if line["faults"] else ""
    return [
        equipment.building.residence.name,
        equipment.building.code,
        equipment.label,
        kinds.get(equipment.kind, equipment.kind),
        equipment.contract,
        state,
        line["share"].percent,
        visit.label if visit else "",
        visit.due_on.isoformat() if visit else "",
    ]


def _equipment(request: HttpRequest, pk: int) -> Equipment:
    return get_object_or_404(equipment_log.visible_to(request.membership), pk=pk)


@audience(*READERS)
@require_GET
def log(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the log of one piece of equipment and its share of time in service."""
    return _log_page(request, _equipment(request, pk))


def _log_page(request: HttpRequest, equipment: Equipment, form=None, status=200) -> HttpResponse:
    moment = now()
    reader = equipment_log.LogReader(equipment, request.membership, moment)
    stops = equipment_log.stops_by_equipment([equipment], moment).get(equipment.pk, [])
    today = timezone.localdate(moment)
    page: dict[str, Any] = {
        "equipment": equipment,
        "since": equipment_log.out_of_service_since(stops),
        "shares": [uptime.share(stops, days=days, now=moment) for days in SPANS],
        "due": upkeep.due([equipment], today)[equipment.pk],
        "contract": upkeep.contract_of(equipment, upkeep.contracts_on(today)),
        "page_obj": windows.page_of_list(request, equipment_log.log(reader), LINES),
        "desk": reader.desk,
        "form": None,
        **stock.page_of(equipment, request.membership, moment),
    }
    if request.membership.role in WRITERS:
        page["form"] = form or VisitForm(equipment=equipment)
    return render(request, "requests/equipment/log.html", page, status=status)


@audience(*WRITERS)
@require_POST
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a visit that was made; the next visit is due from its day."""
    equipment = _equipment(request, pk)
    form = VisitForm(request.POST, equipment=equipment)
    if form.is_valid():
        try:
            actions.record_visit(
                equipment=equipment, by=request.user, now=now(), **form.cleaned_data
            )
        except actions.AlreadyRecorded:
            form.add_error("done_on", _("This visit is already on record for that day."))
        else:
            messages.success(request, _("Visit noted."))
            return redirect("equipment:log", pk=pk)
    return _log_page(request, equipment, form, status=422)


@audience(*READERS)
@require_GET
def log_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the whole log as CSV."""
    equipment = _equipment(request, pk)
    entries = equipment_log.log(equipment_log.LogReader(equipment, request.membership, now()))
    heads = [_("Date"), _("Kind"), _("What"), _("Detail"), _("Who")]
    body = [
        [
            f"{timezone.localtime(entry.at):%Y-%m-%d}"
            if entry.all_day
            else f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M}",
            entry.kind,
            entry.title,
            entry.detail,
            entry.who,
        ]
        for entry in entries
    ]
    return csv_file(f"palier-equipment-{equipment.pk}", [heads, *body])


@audience(*READERS)
@require_GET
def label(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the label to stick on the equipment as PDF: name, place and a code to scan."""
    equipment = _equipment(request, pk)
    link = settings.PALIER_URL + reverse("equipment:public", args=[equipment.label_code])
    page = {
        "equipment": equipment,
        "link": link,
        "qr": documents.qr_svg(link),
    }
    drawn = documents.pdf("requests/equipment/label_pdf.html", page)
    return pdf(drawn, f"label-{equipment.label_code}.pdf", inline=True)


@audience(PUBLIC, repeat="begins a draft")
@never_cache
@require_http_methods(["GET", "POST"])
def public(request: HttpRequest, code: str) -> HttpResponse:
    """Show what neighbours already reported about this equipment, and the button to report it.

    Only a POST writes the place into the draft; opening the page changes nothing.
    """
    equipment = get_object_or_404(
        Equipment.objects.select_related("building__residence", "staircase"),
        label_code=code.upper(),
    )
    stairs = equipment.staircase or equipment.building.staircases.order_by("pk").first()
    residence = equipment.building.residence
    street = f"{stairs.street}, " if stairs else ""
    address = f"{street}{residence.postcode} {residence.commune}"
    if request.method == "POST":
        drafts.keep(request, address=address, home="", place=equipment.label)
        return redirect("file_fault", tile=TILES[equipment.kind])
    family = Family.objects.filter(code=equipment_log.FAMILY_OF[equipment.kind]).first()
    reported = (
        known_faults.open_incidents(
            equipment.building_id, equipment.staircase_id, family=family.pk, now=now()
        )
        if family
        else []
    )
    incident = Incident.objects.filter(equipment=equipment, closed_at__isnull=True).first()
    page = {
        "equipment": equipment,
        "address": address,
        "place_of_talk": residence,
        "incident": incident,
        "incidents": [] if incident else reported,
    }
    return render(request, "requests/equipment/public.html", page)
