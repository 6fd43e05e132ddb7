"""Pages of a contractor's people once signed in: their orders, their visits, their team."""

from datetime import datetime, timedelta
from itertools import groupby
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import ContractorRequest
from agencies.models import Membership
from portal import opened, windows
from portal.access import Role, audience
from portal.clock import now
from requests.contractor_portal import team as contractor_team
from requests.contractor_portal.desk_forms import InviteForm
from requests.contractor_portal.team import contractor_of
from requests.work_orders import order_links
from requests.work_orders.appointment_models import Appointment
from requests.work_orders.models import WorkOrder
from requests.work_orders.workflow import VISITING, OrderState

PER_PAGE = 25
WEEKS = 6  # how many days ahead the calendar page shows
# View → its chip, in the order of the day's work.
VIEWS = {
    "answer": _("To answer"),
    "planned": _("Planned"),
    "report": _("To report"),
    "landlord": _("With the landlord"),
    "done": _("Done"),
}
SORTS = {
    "due": (_("Expected by"), ("respond_by", "pk")),
    "visit": (_("Date of the visit"), (F("visit_at").asc(nulls_last=True), "respond_by", "pk")),
    "new": (_("Newest first"), ("-sent_at", "pk")),
    "place": (_("Address"), ("claim__staircase__street", "claim__residence__name", "pk")),
}


def _conditions(moment: datetime) -> dict[str, Q]:
    """Return what each view holds. To report: the visit has begun and has no report."""
    begun = Q(state=OrderState.ON_THE_WAY) | Q(state=OrderState.CONFIRMED, visit_at__lte=moment)
    return {
        "answer": Q(state__in={OrderState.SENT, OrderState.NO_ACCESS}),
        "planned": Q(state__in=VISITING) & ~begun,
        "report": begun,
        "landlord": Q(state=OrderState.QUOTED),
        "done": Q(state__in={OrderState.DONE, OrderState.VERIFIED}),
    }


def _orders(request: ContractorRequest) -> QuerySet:
    """Return the orders of the member's contractor, while they may be read, with ``visit_at``."""
    visit = Appointment.objects.of(order=OuterRef("pk")).filter(state__in=Appointment.ACTIVE)
    return (
        WorkOrder.objects.visible_to(request.membership)
        .filter(order_links.readable_condition(now()))
        .annotate(
            visit_at=Subquery(visit.values("starts")[:1]),
            visit_until=Subquery(visit.values("ends")[:1]),
            visit_state=Subquery(visit.values("state")[:1]),
        )
    )


def _searched(rows: QuerySet, words: str) -> QuerySet:
    """Return the orders whose reference, fault, street, residence or commune holds every word."""
    plain = words.replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
    # Of a confidential claim the contractor does not learn the category, nor its words by guessing.
    told = Q(claim__category__sensitive=False, claim__confidential=False)
    number = Q(claim__reference__iexact=plain.partition("-")[0])
    everywhere = Q()
    for word in words.split()[:6]:
        everywhere &= (
            Q(told, claim__category__label_fr__icontains=word)
            | Q(told, claim__category__label_en__icontains=word)
            | Q(claim__staircase__street__icontains=word)
            | Q(claim__residence__name__icontains=word)
            | Q(claim__residence__commune__icontains=word)
            | Q(told, description__icontains=word)
        )
    return rows.filter(number | everywhere)


@audience(Role.CONTRACTOR)
@never_cache
@require_GET
def orders(request: ContractorRequest) -> HttpResponse:
    """Show the list: five views with their numbers, search, place, sort, pages."""
    chosen = request.GET.get("view", "answer")
    sort = request.GET.get("sort", "due")
    chosen = chosen if chosen in VIEWS else "answer"
    sort = sort if sort in SORTS else "due"
    words = request.GET.get("q", "")[:80].strip()
    place = request.GET.get("place", "")[:80]
    held = _conditions(now())
    rows = _orders(request)
    places = sorted(
        {name for name in rows.values_list("claim__residence__name", flat=True) if name}
    )
    if words:
        rows = _searched(rows, words)
    if place in places:
        rows = rows.filter(claim__residence__name=place)
    chips = []
    kept = {"q": words, "place": place if place in places else "", "sort": sort}
    kept = {name: value for name, value in kept.items() if value}
    for name, label in VIEWS.items():
        chips.append(
            {
                "name": name,
                "label": label,
                "count": rows.filter(held[name]).count(),
                "current": name == chosen,
                "query": urlencode({**kept, "view": name}),
            }
        )
    found = (
        rows.filter(held[chosen])
        .select_related("claim__category", "claim__staircase", "claim__residence")
        .order_by(*SORTS[sort][1])
    )
    shown = windows.page(request, found, PER_PAGE)
    opened.note_list(request, shown)
    page = {
        "page_obj": shown,
        "query": urlencode({**kept, "view": chosen}),
        "chips": chips,
        "chosen": chosen,
        "title": VIEWS[chosen],
        "words": words,
        "places": places,
        "place": place,
        "sorts": [(name, label) for name, (label, _by) in SORTS.items()],
        "sort": sort,
        "moment": now(),
    }
    return render(request, "requests/contractor_portal/list.html", page)


@audience(Role.CONTRACTOR)
@never_cache
@require_GET
def calendar(request: ContractorRequest) -> HttpResponse:
    """Show the agreed visits by day, and the secret address to subscribe to them."""
    moment = now()
    visits = (
        Appointment.objects.of(contractor=request.membership.contractor)
        .filter(
            state__in=Appointment.ACTIVE,
            ends__gte=moment,
            starts__lt=moment + timedelta(weeks=WEEKS),
        )
        .select_related("order__claim__category", "order__claim__staircase")
        .order_by("starts", "team")
    )
    days = [
        (on, list(rows)) for on, rows in groupby(visits, lambda v: timezone.localdate(v.starts))
    ]
    token = contractor_of(request).calendar_token
    page = {
        "days": days,
        "feed": settings.PALIER_URL + reverse("contractor_feed", args=[token]),
        "leads": request.membership.leads_team,
    }
    return render(request, "requests/contractor_portal/calendar.html", page)


@audience(Role.CONTRACTOR)
@require_POST
def new_feed(request: ContractorRequest) -> HttpResponse:
    """Replace the secret address of the calendar. For whoever leads the team."""
    if not request.membership.leads_team:
        raise Http404
    contractor_team.new_calendar_address(membership=request.membership)
    messages.success(request, _("The former address is closed. Give the new one to your people."))
    return redirect("jobs:calendar")


def _people(request: ContractorRequest) -> QuerySet[Membership]:
    """Return the people of the member's own contractor whose access has not ended."""
    today = timezone.localdate(now())
    return (
        Membership.objects.filter(contractor=request.membership.contractor_id)
        .filter(Q(ends__isnull=True) | Q(ends__gte=today))
        .select_related("user")
        .order_by("user__last_name", "user__first_name", "pk")
    )


def _team_page(
    request: ContractorRequest, *, form: InviteForm | None = None, status: int = 200
) -> HttpResponse:
    page = {
        "people": _people(request),
        "leads": request.membership.leads_team,
        "mine": request.membership.pk,
        "form": form or InviteForm(),
    }
    return render(request, "requests/contractor_portal/team.html", page, status=status)


@audience(Role.CONTRACTOR)
@never_cache
@require_GET
def team(request: ContractorRequest) -> HttpResponse:
    """Show who of the company sees its orders; the person who leads may invite others."""
    return _team_page(request)


@audience(Role.CONTRACTOR)
@require_POST
def invite(request: ContractorRequest) -> HttpResponse:
    """Invite a colleague. The answer never says whether an account existed."""
    if not request.membership.leads_team:
        raise Http404
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _team_page(request, form=form, status=422)
    contractor_team.invite(membership=request.membership, now=now(), **form.cleaned_data)
    messages.success(
        request,
        _("We write to %(email)s. The mail says how to sign in.") % form.cleaned_data,
    )
    return redirect("jobs:team")


@audience(Role.CONTRACTOR)
@require_POST
def leave(request: ContractorRequest, pk: int) -> HttpResponse:
    """End a colleague's access, at once."""
    if not request.membership.leads_team:
        raise Http404
    person = get_object_or_404(_people(request).exclude(pk=request.membership.pk), pk=pk)
    contractor_team.end(person=person, by=request.membership, now=now())
    messages.success(request, _("%(name)s no longer has access.") % {"name": person.user})
    return redirect("jobs:team")
