"""When a contractor's teams can come: the week, the absences, single dates."""

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import ContractorRequest
from portal.access import Role, audience
from portal.clock import now
from requests.contractor_portal.desk_forms import AbsenceForm, DatesForm, WeekForm
from requests.contractor_portal.team import contractor_of
from requests.work_orders import slots as availability

SHOWN = 12  # of the next free dates


def _forms(name: str = "", data: QueryDict | None = None) -> dict:
    """Return the three forms of the page; the one called ``name`` holds ``data``."""
    moment = now()
    return {
        "week": WeekForm(data if name == "week" else None),
        "absence": AbsenceForm(data if name == "absence" else None, now=moment),
        "dates": DatesForm(data if name == "dates" else None, now=moment),
    }


def _page(
    request: ContractorRequest, forms: dict, *, form: BaseForm | None = None, status: int = 200
) -> HttpResponse:
    holder, moment = contractor_of(request), now()
    page = {
        **forms,
        "form": form,
        "rows": holder.weekly_slots.prefetch_related("sectors__unit"),
        "absences": holder.absences.filter(last_day__gte=moment.date()),
        "free": availability.next_free(holder, moment, SHOWN),
    }
    return render(request, "requests/contractor_portal/slots.html", page, status=status)


@audience(Role.CONTRACTOR)
@never_cache
@require_GET
def slots(request: ContractorRequest) -> HttpResponse:
    """Show what tenants are offered, and the three ways to change it."""
    return _page(request, _forms())


@audience(Role.CONTRACTOR)
@require_POST
def add(request: ContractorRequest, name: str) -> HttpResponse:
    """Add a span of the week, an absence or single dates."""
    forms = _forms(name, request.POST)
    form = forms.get(name)
    if form is None:
        raise Http404
    if not form.is_valid():
        return _page(request, forms, form=form, status=422)
    holder, data = contractor_of(request), form.cleaned_data
    if name == "week":
        availability.add_week(contractor=holder, now=now(), **data)
    elif name == "absence":
        availability.add_absence(contractor=holder, now=now(), **data)
    else:
        availability.add_dates(contractor=holder, spans=form.dates())
    messages.success(request, _("Saved. Tenants are offered these dates from now on."))
    return redirect("jobs:slots")


@audience(Role.CONTRACTOR)
@require_POST
def drop(request: ContractorRequest, name: str, pk: int) -> HttpResponse:
    """Remove a span of the week or an absence. Agreed visits stay."""
    holder = contractor_of(request)
    if name == "week":
        availability.drop_week(row=get_object_or_404(holder.weekly_slots, pk=pk), now=now())
    elif name == "absence":
        availability.drop_absence(row=get_object_or_404(holder.absences, pk=pk), now=now())
    else:
        raise Http404
    messages.success(request, _("Removed. Visits already agreed stand."))
    return redirect("jobs:slots")
