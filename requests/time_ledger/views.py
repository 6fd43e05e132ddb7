"""The time ledger: what each screen costs, and what one more field would."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from agencies.http_types import StaffRequest
from portal.access import Role, audience
from portal.clock import now
from portal.export import csv_file
from requests.time_ledger import ledger as reckoning
from requests.time_ledger.forms import FieldForm

READERS = (Role.HEAD_OFFICE, Role.AGENCY_MANAGER)


def _lines(request: StaffRequest) -> tuple[list[reckoning.Line], list[reckoning.Line]]:
    """Return the ledger of all units for head office, of the own one for its manager."""
    member = request.membership
    own = "" if member.role == Role.HEAD_OFFICE else member.unit.code
    return reckoning.lines(now=now(), unit=own)


@audience(*READERS)
@require_GET
def ledger(request: StaffRequest) -> HttpResponse:
    """Show uses, fields and minutes of each screen; the price of a field where one is proposed."""
    whole, by_unit = _lines(request)
    asked = "screen" in request.GET
    form = FieldForm(request.GET if asked else None)
    price = None
    if asked and form.is_valid():
        price = reckoning.price(
            whole,
            by_unit,
            event=form.cleaned_data["screen"],
            seconds=float(form.cleaned_data["seconds"]),
        )
    costly = sorted(whole, key=lambda line: -line.hours(reckoning.DAYS))
    rows = [(line, line.hours(reckoning.DAYS)) for line in costly]
    context = {
        "rows": rows,
        "hours": sum(hours for _line, hours in rows),
        "days": reckoning.DAYS,
        "pause": int(reckoning.PAUSE.total_seconds() // 60),
        "form": form,
        "asked": asked,
        "price": price,
        "everywhere": request.membership.role == Role.HEAD_OFFICE,
    }
    status = 422 if asked and form.errors else 200
    return render(request, "requests/time_ledger/ledger.html", context, status=status)


@audience(*READERS)
@require_GET
def ledger_csv(request: StaffRequest) -> HttpResponse:
    """Return the ledger as CSV, a line for each screen of each unit."""
    whole, by_unit = _lines(request)
    heads = [
        _("Unit"),
        _("Screen"),
        _("Uses in 90 days"),
        _("Requests"),
        _("Fields filled in, each time"),
        _("Minutes, each time"),
        _("Minutes for each request"),
        _("Hours a year"),
    ]
    body = [
        [
            line.unit_name or _("all together"),
            line.screen.label,
            line.uses,
            line.claims,
            round(line.fields_each, 1),
            None if line.minutes is None else round(line.minutes, 1),
            None if line.minutes_a_claim is None else round(line.minutes_a_claim, 1),
            round(line.hours(reckoning.DAYS)),
        ]
        for line in [*whole, *by_unit]
    ]
    return csv_file("palier-time-ledger", [heads, *body])
