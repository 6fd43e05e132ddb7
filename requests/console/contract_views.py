"""The contracts in force on the reader's stock, to read: who comes, for what, how soon."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from agencies import contracts
from agencies.http_types import StaffRequest
from portal import windows
from portal.access import Role, audience
from portal.clock import now
from portal.punctuation import with_colon
from requests.console.contract_coverage import prepare_contracts, where_of
from requests.kit.choices import Urgency

PER_PAGE = 50


@audience(Role.AGENCY_MANAGER, Role.HEAD_OFFICE)
@require_GET
def ours(request: StaffRequest) -> HttpResponse:
    """List the contracts of the unit, and those of the whole stock; head office reads all."""
    found = contracts.of_unit(request.membership, now())
    page = windows.page(request, found, PER_PAGE)
    rows = list(page)
    prepare_contracts(rows)
    for row in rows:
        row.where = where_of(row)
        row.within = [
            with_colon(Urgency(promise.urgency).label, promise.hours)
            for promise in row.commitments.all()
        ]
    context = {"page_obj": page, "rows": rows, "unit": request.membership.unit}
    return render(request, "requests/console/our_contracts.html", context)
