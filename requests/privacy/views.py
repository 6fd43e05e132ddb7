"""The data-protection officer's pages: requests of persons, one request, copies, erasures."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import StaffRequest
from portal import windows
from portal.access import Role, audience
from portal.clock import now
from requests.privacy import actions, exports, journal, notices, person, rules
from requests.privacy.downloads import archive
from requests.privacy.forms import AnswerForm, CopyForm, EraseForm, ExtendForm, HoldForm, NoteForm
from requests.privacy.models import Erasure, Hold, PersonExport, RightsRequest

PER_PAGE = 30
Kind, State = RightsRequest.Kind, RightsRequest.State


@audience(Role.DPO)
@never_cache
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """List the requests that wait, the most urgent first, then those answered."""
    rows = RightsRequest.objects.visible_to(request.membership).select_related("tenant")
    today = timezone.localdate()
    waiting = list(rows.waiting().order_by("due_on", "received_on"))
    for row in waiting:
        row.urgency = rules.urgency(row.due_on, today)
    answered = rows.exclude(state=State.RECEIVED).order_by("-answered_at")
    page = {
        "waiting": waiting,
        "page_obj": windows.page(request, answered, PER_PAGE),
    }
    return render(request, "requests/privacy/requests.html", page)


def _found(request: StaffRequest, pk: UUID) -> RightsRequest:
    rows = RightsRequest.objects.visible_to(request.membership)
    return get_object_or_404(rows.select_related("tenant", "tenant__user"), pk=pk)


@audience(Role.DPO)
@never_cache
@require_GET
def asked(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show one request: who asks what, until when, its steps, and what can be done."""
    return _page(request, _found(request, pk))


def _page(
    request: StaffRequest, found: RightsRequest, *, status: int = 200, **bound: Any
) -> HttpResponse:
    """Show the request; ``bound`` is a form that was sent with mistakes, by its name."""
    today, moment = timezone.localdate(), now()
    waits = found.state == State.RECEIVED
    tenant = found.tenant
    copies = actions.copies_of(found)
    for copy in copies:
        copy.open = exports.is_open(copy, moment)
    page: dict[str, Any] = {
        "asked": found,
        "urgency": rules.urgency(found.due_on, today) if waits else "",
        "waits": waits,
        "steps": found.steps.select_related("by"),
        "copies": copies,
        "mail": notices.address_of(found, now()),
        "blockers": person.blockers(tenant, today) if tenant else [],
        "holds": Hold.objects.filter(tenant=tenant).select_related("by") if tenant else [],
        "may_extend": waits and rules.may_extend(found.received_on, found.due_on, today),
        "may_erase": waits and tenant and found.kind == Kind.ERASURE,
        "extend_form": ExtendForm(auto_id="extend_%s"),
        "answer_form": AnswerForm(auto_id="answer_%s"),
        "note_form": NoteForm(auto_id="note_%s"),
        "copy_form": CopyForm(auto_id="copy_%s"),
        "erase_form": EraseForm(auto_id="erase_%s"),
        "hold_form": HoldForm(auto_id="hold_%s"),
        **bound,
        "form": next(iter(bound.values()), None),
    }
    return render(request, "requests/privacy/request.html", page, status=status)


def _act(
    request: StaffRequest,
    pk: UUID,
    name: str,
    form: django_forms.Form,
    act: Callable[[RightsRequest, dict], object],
    done: str,
) -> HttpResponse:
    """Check the form, act, and go back to the request."""
    found = _found(request, pk)
    if not form.is_valid():
        return _page(request, found, status=422, **{f"{name}_form": form})
    try:
        act(found, form.cleaned_data)
    except actions.NotNow:
        messages.warning(request, _("This request was answered meanwhile. Nothing was done."))
    except person.Blocked as blocked:
        for reason in blocked.args:
            messages.warning(request, reason)
    else:
        messages.success(request, done)
    return redirect("privacy:request", pk=pk)


@audience(Role.DPO)
@require_POST
def extend(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Give two months more, with the reason."""
    return _act(
        request,
        pk,
        "extend",
        ExtendForm(request.POST, auto_id="extend_%s"),
        lambda found, data: actions.extend(
            request=found, reason=data["reason"], by=request.user, now=now()
        ),
        _("The time is extended."),
    )


@audience(Role.DPO)
@require_POST
def answer(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Answer, or refuse with the reason."""
    return _act(
        request,
        pk,
        "answer",
        AnswerForm(request.POST, auto_id="answer_%s"),
        lambda found, data: actions.answer(
            request=found,
            granted=data["granted"] == "yes",
            text=data["text"],
            by=request.user,
            now=now(),
        ),
        _("The answer is written."),
    )


@audience(Role.DPO)
@require_POST
def note(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Write a note."""
    return _act(
        request,
        pk,
        "note",
        NoteForm(request.POST, auto_id="note_%s"),
        lambda found, data: actions.note(
            request=found, text=data["text"], by=request.user, now=now()
        ),
        _("The note is written."),
    )


@audience(Role.DPO)
@require_POST
def copy(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Have the person's copy made."""
    if _found(request, pk).tenant is None:
        raise Http404
    return _act(
        request,
        pk,
        "copy",
        CopyForm(request.POST, auto_id="copy_%s"),
        lambda found, data: exports.order(
            request=found, by=request.user, now=now(), with_notes=data["with_notes"]
        ),
        _("The copy is being made."),
    )


@audience(Role.DPO)
@require_POST
def erase(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Erase the person, unless something stands against it."""
    if _found(request, pk).tenant is None:
        raise Http404
    return _act(
        request,
        pk,
        "erase",
        EraseForm(request.POST, auto_id="erase_%s"),
        lambda found, data: actions.erase(request=found, by=request.user, now=now()),
        _("The person is erased."),
    )


@audience(Role.DPO)
@require_POST
def hold(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Mark the person's data as to be kept."""
    tenant = _found(request, pk).tenant
    if tenant is None:
        raise Http404
    return _act(
        request,
        pk,
        "hold",
        HoldForm(request.POST, auto_id="hold_%s"),
        lambda found, data: actions.hold(tenant=tenant, by=request.user, now=now(), **data),
        _("The data are on hold."),
    )


@audience(Role.DPO)
@require_POST
def lift(request: StaffRequest, pk: UUID, number: int) -> HttpResponse:
    """Lift a hold of the person who asked."""
    found = _found(request, pk)
    actions.lift(
        hold=get_object_or_404(Hold, pk=number, tenant=found.tenant), by=request.user, now=now()
    )
    messages.success(request, _("The hold is lifted."))
    return redirect("privacy:request", pk=pk)


@audience(Role.DPO)
@require_POST
def download(request: StaffRequest, pk: UUID) -> HttpResponseBase:
    """Give the officer the copy of a person who has no account, to hand it over."""
    asked_by = RightsRequest.objects.visible_to(request.membership)
    found = get_object_or_404(PersonExport, pk=pk, request__in=asked_by)
    return archive(found, by=request.user, now=now())


@audience(Role.DPO)
@never_cache
@require_GET
def letter(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Print what the person is told, for somebody who has no mail address."""
    found = _found(request, pk)
    steps = ("opened", "extended", "answered", "refused")
    last = found.steps.filter(name__in=steps).last()
    if last is None or found.tenant is None:
        raise Http404
    with translation.override(found.tenant.language):
        page = {"asked": found, "text": notices.letter(found, last.name), "at": last.at}
        return render(request, "requests/privacy/letter.html", page)


@audience(Role.DPO)
@never_cache
@require_GET
def erasures(request: StaffRequest) -> HttpResponse:
    """Show the journal of erasures: numbers and days only."""
    rows = Erasure.objects.select_related("by")
    page = {
        "page_obj": windows.page(request, rows, PER_PAGE),
        "outside": journal.path() is not None,
    }
    return render(request, "requests/privacy/erasures.html", page)
