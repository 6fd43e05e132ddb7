"""Pages for everybody: what we promised and kept, and open data."""

import csv

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from agencies import landlord
from portal.access import PUBLIC, audience
from portal.clock import now
from requests.catalogue.models import Family
from requests.figures import public


def _families() -> dict[str, Family]:
    return {family.code: family for family in Family.objects.all()}


@audience(PUBLIC)
@require_GET
def kept_promises(request: HttpRequest) -> HttpResponse:
    """Show what we promised and what we kept, without a percentage or a person."""
    moment = now()
    whole, lines = public.kept_promises(moment, _families())
    context = {"whole": whole, "lines": lines, "span": public.span(moment)}
    return render(request, "requests/figures/kept_promises.html", context)


@audience(PUBLIC)
@require_GET
def open_data(request: HttpRequest) -> HttpResponse:
    """Show indicators, the dictionary of the open data, and its files."""
    moment = now()
    context = {
        "indicators": public.indicators(moment),
        "tables": public.TABLES,
        "span": public.span(moment),
    }
    return render(request, "requests/figures/open_data.html", context)


@audience(PUBLIC)
@require_GET
def open_package(request: HttpRequest) -> JsonResponse:
    """Return the description of the open data for machines."""
    ours = landlord.current()
    return JsonResponse(
        public.package(str(ours), settings.PALIER_URL), json_dumps_params={"ensure_ascii": False}
    )


@audience(PUBLIC)
@require_GET
def open_table(request: HttpRequest, table: str) -> HttpResponse:
    """Return one table of the open data, as its description says: commas, UTF-8."""
    if table not in public.TABLES:
        raise Http404
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{table}.csv"'
    writer = csv.writer(response)
    writer.writerow([name for name, _kind, _text in public.TABLES[table]])
    writer.writerows(public.open_rows(table))
    return response
