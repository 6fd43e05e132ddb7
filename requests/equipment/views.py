"""Pages of lifts, boilers and doors: the list, one log, its label, its public page."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies import upkeep
from agencies.models import Equipment, Upkeep
from portal.access import DESK_ROLES, PUBLIC, Role, audience
from portal.clock import now
from portal.export import csv_file
from requests.attachments.responses import pdf
from requests.catalogue.models import Family
from requests.equipment import log as machines
from requests.equipment import maintenance as actions
from requests.equipment import uptime
from requests.filing import drafts
from requests.incidents import known_faults
from requests.incidents.models import Incident
from requests.kit import pdf as documents
from requests.kit.fields import DayInput

READERS = DESK_ROLES | {Role.CARETAKER}
WRITERS = frozenset({Role.AGENT, Role.AGENCY_MANAGER, Role.HEAD_OFFICE})
PER_PAGE = 50
LINES = 100
SPANS = (30, 365)
# Kind of machine -> the tile on the first filing page.
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
    done_on = forms.DateField(
        label=_("Made on"),
        widget=DayInput(),
        error_messages={
            "required": _("Give the day of the visit."),
            "invalid": _("Give the day of the visit."),
        },
    )
    company = forms.CharField(label=_("Company"), max_length=120, required=False)
    note = forms.CharField(label=_("What was found"), max_length=300, required=False)

    def __init__(self, *args, machine: Equipment, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        known = [rule.what for rule in upkeep.rules_of(machine.kind)]
        self.fields["what"].choices = [(code, Upkeep(code).label) for code in known]

    def clean_done_on(self):
        made = self.cleaned_data["done_on"]
        if made > timezone.localdate():
            raise forms.ValidationError(_("A visit that was made cannot be in the future."))
        return made


def _search(request: HttpRequest) -> tuple[QuerySet[Equipment], dict]:
    """Return the machines found by words, kind, state and residence, and the search itself."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    kind = request.GET.get("kind", "")
    state = request.GET.get("state", "")
    residence = request.GET.get("residence", "")
    rows = machines.visible_to(request.membership)
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
        by_machine = machines.stops_by_equipment(rows, now())
        return [pk for pk, stops in by_machine.items() if machines.out_of_service_since(stops)]
    if state == "reported":
        return list(machines.open_faults(rows))
    due = upkeep.due(rows, timezone.localdate())
    return [pk for pk, visits in due.items() if any(visit.state == state for visit in visits)]


def _lines(rows: list[Equipment]) -> list[dict]:
    """Return what the list shows of each machine: state, last 30 days, next visit."""
    moment = now()
    stops = machines.stops_by_equipment(rows, moment)
    faults = machines.open_faults(rows)
    due = upkeep.due(rows, timezone.localdate(moment))
    return [
        {
            "machine": row,
            "since": machines.out_of_service_since(stops.get(row.pk, [])),
            "faults": faults.get(row.pk, 0),
            "share": uptime.share(stops.get(row.pk, []), days=30, now=moment),
            "next": next((visit for visit in due[row.pk] if visit.due_on), None),
        }
        for row in rows
    ]


@audience(*READERS)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the machines by residence, with their state."""
    rows, search = _search(request)
    found = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
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
def list_csv(request: HttpRequest) -> HttpResponse:
    """Return the whole list as CSV."""
    rows, _query = _search(request)
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
    body = []
    for line in _lines(list(rows)):
        machine, visit = line["machine"], line["next"]
        state = STATES["stopped"] if line["since"] else STATES["reported"] if line["faults"] else ""
        body.append(
            [
                machine.building.residence.name,
                machine.building.code,
                machine.label,
                machine.get_kind_display(),
                machine.contract,
                state,
                line["share"].percent,
                visit.label if visit else "",
                visit.due_on.isoformat() if visit else "",
            ]
        )
    return csv_file("palier-equipment", [heads, *body])


def _machine(request: HttpRequest, pk: int) -> Equipment:
    return get_object_or_404(machines.visible_to(request.membership), pk=pk)


@audience(*READERS)
@require_GET
def log(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the log of one machine and its share of time in service."""
    return _log_page(request, _machine(request, pk))


def _log_page(request: HttpRequest, machine: Equipment, form=None, status=200) -> HttpResponse:
    moment = now()
    reader = machines.LogReader(machine, request.membership, moment)
    stops = machines.stops_by_equipment([machine], moment).get(machine.pk, [])
    today = timezone.localdate(moment)
    page: dict[str, Any] = {
        "machine": machine,
        "since": machines.out_of_service_since(stops),
        "shares": [uptime.share(stops, days=days, now=moment) for days in SPANS],
        "due": upkeep.due([machine], today)[machine.pk],
        "contract": upkeep.contract_of(machine, upkeep.contracts_on(today)),
        "page_obj": Paginator(machines.log(reader), LINES).get_page(request.GET.get("page")),
        "desk": reader.desk,
        "form": None,
    }
    if request.membership.role in WRITERS:
        page["form"] = form or VisitForm(machine=machine)
    return render(request, "requests/equipment/log.html", page, status=status)


@audience(*WRITERS)
@require_POST
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a visit that was made; the next visit is due from its day."""
    machine = _machine(request, pk)
    form = VisitForm(request.POST, machine=machine)
    if form.is_valid():
        try:
            actions.record_visit(equipment=machine, by=request.user, now=now(), **form.cleaned_data)
        except actions.AlreadyRecorded:
            form.add_error("done_on", _("This visit is already on record for that day."))
        else:
            messages.success(request, _("Visit noted."))
            return redirect("equipment:log", pk=pk)
    return _log_page(request, machine, form, status=422)


@audience(*READERS)
@require_GET
def log_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the whole log as CSV."""
    machine = _machine(request, pk)
    entries = machines.log(machines.LogReader(machine, request.membership, now()))
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
    return csv_file(f"palier-equipment-{machine.pk}", [heads, *body])


@audience(*READERS)
@require_GET
def label(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the label to stick on the machine as PDF: name, place and a code to scan."""
    machine = _machine(request, pk)
    link = settings.PALIER_URL + reverse("equipment:public", args=[machine.label_code])
    page = {
        "machine": machine,
        "link": link,
        "qr": documents.qr_svg(link),
        "landlord_phone": settings.PALIER_PHONE,
    }
    drawn = documents.pdf("requests/equipment/label_pdf.html", page)
    return pdf(drawn, f"label-{machine.label_code}.pdf", inline=True)


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def public(request: HttpRequest, code: str) -> HttpResponse:
    """Show what neighbours already reported about this machine, and the button to report it.

    Only a POST writes the place into the draft; opening the page changes nothing.
    """
    machine = get_object_or_404(
        Equipment.objects.select_related("building__residence", "staircase"),
        label_code=code.upper(),
    )
    stairs = machine.staircase or machine.building.staircases.order_by("pk").first()
    residence = machine.building.residence
    street = f"{stairs.street}, " if stairs else ""
    address = f"{street}{residence.postcode} {residence.commune}"
    if request.method == "POST":
        drafts.keep(request, address=address, home="", place=machine.label)
        return redirect("file_fault", tile=TILES[machine.kind])
    family = Family.objects.filter(code=machines.FAMILY_OF[machine.kind]).first()
    reported = (
        known_faults.open_incidents(
            machine.building_id, machine.staircase_id, family=family.pk, now=now()
        )
        if family
        else []
    )
    incident = Incident.objects.filter(equipment=machine, closed_at__isnull=True).first()
    page = {
        "machine": machine,
        "address": address,
        "place_of_talk": residence,
        "incident": incident,
        "incidents": [] if incident else reported,
    }
    return render(request, "requests/equipment/public.html", page)
