"""The streets of the staff's map, with a trial in the browser of whoever sets them."""

from django.contrib import messages
from django.db.models import Max, Min
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agencies.http_types import StaffRequest
from agencies.models import Building
from portal import setting_changes, setting_values
from portal.access import Role, audience
from requests.console.map_forms import MapForm
from requests.stock_map import background
from requests.stock_map.models import MapBackground

FRANCE = [-5.2, 42.3, 8.3, 51.1]  # what is tried where no building has coordinates


@audience(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def streets(request: StaffRequest) -> HttpResponse:
    """Set what lies under the residences on the map; what is stored can be tried on the page.

    The trial asks the tile server from the administrator's browser, as everybody's will.
    """
    row = MapBackground.objects.first() or MapBackground()
    is_new = row._state.adding
    form = MapForm(request.POST if request.method == "POST" else None, instance=row)
    if form.is_bound and form.is_valid():
        values = setting_values.told(form)
        saved = form.save()
        if is_new:
            setting_changes.record_addition(saved, by=request.user)
        elif values:
            labels = [str(form.fields[name].label) for name in form.changed_data]
            setting_changes.record_change(saved, by=request.user, values=values, labels=labels)
        messages.success(request, _("Saved."))
        return redirect("console:map")
    stored = background.current()
    context = {
        "form": form,
        "groups": [{"fields": list(form)}],
        "streets": {**background.for_script(stored), "box": _whole_stock()} if stored else None,
    }
    status = 422 if form.errors else 200
    response = render(request, "requests/console/map.html", context, status=status)
    return background.allow(response, stored) if stored else response


def _whole_stock() -> list[float]:
    """Return west, south, east and north of the buildings."""
    found = Building.objects.filter(latitude__isnull=False, longitude__isnull=False).aggregate(
        west=Min("longitude"),
        south=Min("latitude"),
        east=Max("longitude"),
        north=Max("latitude"),
    )
    return FRANCE if found["west"] is None else [float(value) for value in found.values()]
