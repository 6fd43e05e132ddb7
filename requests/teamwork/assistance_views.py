"""Help between units: desks over their habit, help asked, agreed and ended."""

from datetime import timedelta

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from agencies.http_types import StaffRequest
from agencies.models import Desk, Unit
from portal.access import Role, audience
from portal.clock import now
from requests.teamwork import assistance
from requests.teamwork.forms import MOST, AnswerForm, AskForm
from requests.teamwork.load import overloaded_desks
from requests.teamwork.models import Help, LentClaim

MANAGERS = (Role.AGENCY_MANAGER, Role.HEAD_OFFICE)
USUAL = timedelta(days=14)


def _helps(membership):
    """Return what the unit asked or was asked.

    Head office sees all, and decides for itself only.
    """
    rows = Help.objects.select_related(
        "desk__unit", "helper", "asked_by", "answered_by", "ended_by"
    )
    if membership.role == Role.HEAD_OFFICE:
        return rows
    return rows.filter(Q(desk__unit=membership.unit_id) | Q(helper=membership.unit_id))


def _form(request: StaffRequest, loads: list, data=None) -> AskForm:
    unit, today = request.membership.unit_id, timezone.localdate()
    initial = {"last_day": today + USUAL}
    mine = next((load for load in loads if load.desk.unit_id == unit), None)
    if mine:
        initial |= {"desk": mine.desk.pk, "number": min(MOST, max(1, mine.over))}
    return AskForm(
        data,
        desks=Desk.objects.filter(unit=unit).select_related("unit"),
        units=Unit.objects.exclude(pk=unit),
        today=today,
        initial=initial,
    )


def _page(request, *, form=None, answer=None, answered=None, status=200) -> HttpResponse:
    member, moment = request.membership, now()
    wide = member.role == Role.HEAD_OFFICE
    loads = overloaded_desks(now=moment, unit=None if wide else member.unit_id)
    lent = LentClaim.objects.select_related("claim__category").order_by("claim__promise_at")
    helps = list(_helps(member).prefetch_related(Prefetch("lent", lent))[:100])
    for row in helps:
        row.to_us = row.helper_id == member.unit_id
        row.ours = row.to_us or row.desk.unit_id == member.unit_id
        row.answer_form = AnswerForm(auto_id=f"id_%s_{row.pk}")
        if answered == row.pk:
            row.answer_form = answer
    context = {
        "loads": loads,
        "asked": [row for row in helps if row.state == Help.State.ASKED],
        "agreed": [row for row in helps if row.state == Help.State.ACCEPTED],
        "past": [row for row in helps if row.state not in {Help.State.ASKED, Help.State.ACCEPTED}],
        "ask": form or _form(request, loads),
        "form": answer or form or _form(request, loads),
    }
    return render(request, "requests/teamwork/assistance.html", context, status=status)


@audience(*MANAGERS)
@require_http_methods(["GET", "POST"])
def index(request: StaffRequest) -> HttpResponse:
    """Show the page, and ask for help."""
    if request.method == "GET":
        return _page(request)
    form = _form(request, [], request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            assistance.ask(
                desk=data["desk"],
                helper=data["helper"],
                number=data["number"],
                until=form.until,
                words=data["words"],
                by=request.user,
                now=now(),
            )
        except assistance.NotPossible:
            form.add_error("helper", _("You already asked them for this desk."))
        else:
            messages.success(request, _("Asked. Nothing is lent before they agree."))
            return redirect("help:index")
    return _page(request, form=form, status=422)


@audience(*MANAGERS)
@require_POST
def answer(request: StaffRequest, pk: int) -> HttpResponse:
    """Agree or decline, for the unit that was asked."""
    rows = _helps(request.membership).filter(helper=request.membership.unit_id)
    help = get_object_or_404(rows, pk=pk)
    accept = request.POST.get("way") == "accept"
    form = AnswerForm(request.POST, auto_id=f"id_%s_{help.pk}")
    if accept:
        form.fields["answer"].required = False
    if not form.is_valid():
        return _page(request, answer=form, answered=help.pk, status=422)
    try:
        assistance.answer(
            help=help,
            accept=accept,
            words=form.cleaned_data["answer"],
            by=request.user,
            now=now(),
        )
    except assistance.NotPossible:
        messages.warning(request, _("Somebody decided meanwhile. Nothing was changed."))
    else:
        messages.success(request, _("Agreed. You see these claims now.") if accept else _("Told."))
    return redirect("help:index")


@audience(*MANAGERS)
@require_POST
def end(request: StaffRequest, pk: int) -> HttpResponse:
    """End the help, for either side; withdraw the request, for the unit that asked."""
    unit = request.membership.unit_id
    rows = _helps(request.membership).filter(Q(desk__unit=unit) | Q(helper=unit))
    help = get_object_or_404(rows, pk=pk)
    try:
        if help.state == Help.State.ASKED and help.desk.unit_id == unit:
            assistance.withdraw(help=help, by=request.user, now=now())
        else:
            assistance.end(help=help, by=request.user, now=now())
    except assistance.NotPossible:
        messages.warning(request, _("Somebody decided meanwhile. Nothing was changed."))
    else:
        messages.success(request, _("Ended. The claims are their desk’s alone again."))
    return redirect("help:index")
