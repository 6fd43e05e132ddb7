"""The boards of partners: of a company that works for us, and of tenants' representatives."""

from datetime import date, datetime

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from agencies.http_types import StaffRequest
from agencies.models import Contractor, Unit
from portal import windows
from portal.access import Role, audience
from portal.clock import now
from requests.catalogue.models import Family
from requests.figures import actions, contractor, residents
from requests.figures.boards import Board
from requests.figures.cube import Span
from requests.figures.fact_models import Fact
from requests.figures.measures import DEFINITIONS, Measure
from requests.figures.partner_forms import CompanyForm, ResidentsForm
from requests.figures.period import LEAD
from requests.work_orders import order_links
from requests.work_orders.models import WorkOrder

PER_PAGE = 50


def _page(
    request: StaffRequest, board: Board, who: str, span: Span, form: CompanyForm | ResidentsForm
) -> HttpResponse:
    _record(request)
    context = {"board": board, "who": who, "span": span, "filters": form}
    return render(request, "requests/figures/partner.html", context)


@audience(Role.TENANT_REPRESENTATIVE)
@require_GET
def of_residents(request: StaffRequest) -> HttpResponse:
    """Show a representative the figures of their residences, of all or of one."""
    moment = now()
    families = {family.code: family for family in Family.objects.all()}
    places = residents.large(residents.residences(request.membership))
    form = ResidentsForm(request.GET, places=places, families=families.values())
    span, place, family = form.chosen(timezone.localdate(moment) - LEAD)
    wanted = [one for one in places if place in (None, one.pk)]
    board = residents.board(request.membership, wanted, span, families, moment, family=family)
    return _page(request, board, str(request.membership.unit), span, form)


def _company(request: StaffRequest) -> Contractor:
    """Return the company that the member leads. Raises Http404 for its other people."""
    company = request.membership.contractor
    if company is None or not request.membership.leads_team:
        raise Http404
    return company


@audience(Role.CONTRACTOR)
@require_GET
def of_company(request: StaffRequest) -> HttpResponse:
    """Show who leads a company its own orders; 404 for its other people."""
    company = _company(request)
    keys = Fact.objects.filter(contractor=company.pk).values("unit")
    units = Unit.objects.filter(pk__in=keys).order_by("name")
    form = CompanyForm(request.GET, units=units)
    span = form.span(timezone.localdate(now()))
    board = contractor.board(company.pk, _("Our company"), span, form.chosen_unit())
    return _page(request, board, company.name, span, form)


@audience(Role.CONTRACTOR)
@require_GET
def company_orders(request: StaffRequest) -> HttpResponse:
    """List the company's own orders behind a mark of its board; 404 for what is no mark.

    An order that ended long ago is named and no longer opened, as in the list of orders.
    """
    company, moment = _company(request), now()
    measure = request.GET.get("measure", "")
    if measure not in contractor.ORDERS:
        raise Http404
    span = Span(_day(request, "since"), _day(request, "until"))
    facts = Fact.objects.filter(
        measure=measure, contractor=company.pk, day__gte=span.first, day__lte=span.last
    )
    unit = request.GET.get("unit", "")
    if unit:
        if not unit.isdecimal() or len(unit) > 18:
            raise Http404
        facts = facts.filter(unit=int(unit))
    orders = (
        WorkOrder.objects.visible_to(request.membership)
        .filter(claim__in=facts.values("claim"))
        .select_related("claim__residence")
        .order_by("-done_at", "pk")
    )
    rows = windows.page(request, orders, PER_PAGE)
    alive = orders.filter(order_links.readable_condition(moment)).filter(
        pk__in=[r.pk for r in rows]
    )
    _record(request)
    context = {
        "title": Measure(measure).label,
        "definition": DEFINITIONS[Measure(measure)],
        "unit": Unit.objects.filter(pk=int(unit)).first() if unit else None,
        "span": span,
        "page_obj": rows,
        "alive": set(alive.values_list("pk", flat=True)),
        "query": windows.kept(request.GET),
    }
    return render(request, "requests/figures/company_orders.html", context)


def _day(request: StaffRequest, name: str) -> date:
    try:
        return datetime.strptime(request.GET.get(name, ""), "%Y-%m-%d").date()
    except ValueError as error:
        raise Http404 from error


def _record(request: StaffRequest) -> None:
    actions.record_view(
        membership=request.membership,
        path=request.get_full_path(),
        now=now(),
        unit=request.membership.unit_id,
    )
