"""Calls to return: who called, how often, and the result of calling back."""

from collections import defaultdict

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import PublicRequest, StaffRequest
from agencies.models import Membership
from portal.access import DESK_ROLES, PUBLIC, Role, audience
from portal.clock import now
from requests.channels import intake as intakes
from requests.channels import signatures
from requests.channels.signatures import body_of
from requests.inbound import missed_calls, telephony
from requests.inbound.missed_call_models import CallAttempt, MissedCall
from requests.kit.choices import CallOutcome, Channel
from tenants.models import ContactPoint, Tenant

EVERYONES = frozenset({Role.CALL_TAKER, Role.ON_CALL, Role.HEAD_OFFICE})
MOST = 100


class ReturnForm(forms.Form):
    """Record the result of calling back."""

    outcome = forms.ChoiceField(
        label=_("Result of the call"),
        choices=[("", "—"), *CallOutcome.choices],
        error_messages={"required": _("Say what came of the call.")},
    )
    note = forms.CharField(label=_("What was said"), max_length=300, required=False)


@csrf_exempt
@audience(PUBLIC)
@require_POST
def hook(request: PublicRequest) -> HttpResponse:
    """Receive a signed event of the telephone system; it is stored before it is read."""
    body = body_of(request)
    if body is None:
        return HttpResponse(status=413)
    moment = now()
    key, at = settings.PALIER_HOOK_KEY, moment.timestamp()
    if not signatures.is_genuine(key, request.headers, body, at):
        return HttpResponse(status=401)
    try:
        event = telephony.check(body)
    except ValueError:
        return HttpResponse(status=400)
    if event.get("event") in telephony.EVENTS:
        intakes.receive(
            channel=Channel.PHONE,
            external_id=f"call/{event['id']}/{event['event']}",
            raw=body,
            now=moment,
        )
    return HttpResponse(status=202)


def calls_to_return(membership: Membership) -> list[MissedCall]:
    """Return the calls to return, the oldest first, with ``people`` known under the number.

    An agency sees those of its own tenants; the contact centre and head office see all.
    """
    tries = CallAttempt.objects.system("calls to return").select_related("by")
    rows = (
        MissedCall.objects.system("calls to return")
        .filter(done_at=None)
        .prefetch_related(Prefetch("attempts", tries))
    )
    rows = rows.order_by("due_at", "pk")
    points = (
        ContactPoint.objects.of(tenant__in=Tenant.objects.at_home_with(membership))
        .filter(kind=ContactPoint.Kind.PHONE, value__in=rows.values("number"))
        .select_related("tenant")
    )
    people = defaultdict(list)
    for point in points:
        people[point.value].append(point.tenant)
    if membership.role not in EVERYONES:
        rows = rows.filter(number__in=list(people))
    found = list(rows[:MOST])
    for row in found:
        row.people = people.get(row.number, [])
        row.tries = sum(1 for a in row.attempts.all() if a.outcome == CallOutcome.NO_ANSWER)
    return found


def waiting_calls(membership: Membership) -> QuerySet[MissedCall]:
    """Return the calls that the member has to return, in no order."""
    rows = MissedCall.objects.system("calls to return").filter(done_at=None)
    if membership.role not in EVERYONES:
        people = Tenant.objects.at_home_with(membership)
        points = ContactPoint.objects.of(tenant__in=people).filter(kind=ContactPoint.Kind.PHONE)
        rows = rows.filter(number__in=points.values("value"))
    return rows


def count_calls_to_return(membership: Membership) -> int:
    """Return how many calls the member has to return."""
    return waiting_calls(membership).count()


@audience(*DESK_ROLES)
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """Show every call to return."""
    return _page(request)


def _page(
    request: StaffRequest, bound: ReturnForm | None = None, status: int = 200
) -> HttpResponse:
    rows = calls_to_return(request.membership)
    for row in rows:
        mine = bound and bound.prefix_pk == row.pk
        row.form = bound if mine else ReturnForm(auto_id=f"call{row.pk}_%s")
    page = {"rows": rows, "form": bound, "now": now()}
    return render(request, "requests/calls/missed.html", page, status=status)


@audience(*DESK_ROLES)
@require_POST
def record_call_back(request: StaffRequest, pk: int) -> HttpResponse:
    """Record one attempt to call back."""
    seen = [row.pk for row in calls_to_return(request.membership)]
    missed = get_object_or_404(
        MissedCall.objects.system("calls to return").filter(pk__in=seen), pk=pk
    )
    form = ReturnForm(request.POST, auto_id=f"call{pk}_%s")
    form.prefix_pk = pk
    if not form.is_valid():
        return _page(request, form, 422)
    data = form.cleaned_data
    try:
        over = missed_calls.record_call_back(
            missed=missed,
            outcome=data["outcome"],
            note=data["note"],
            by=request.user,
            now=now(),
        )
    except missed_calls.AlreadyReturned:
        messages.warning(request, _("This was noted meanwhile."))
    else:
        later = _("Noted. It comes back in two hours.")
        messages.success(request, _("Noted.") if over else later)
    return redirect("missed_calls:index")
