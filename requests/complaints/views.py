"""Complaints about the service: the tenant's page, what staff log, and head office's list."""

import uuid
from dataclasses import replace
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.models import Unit
from portal.access import DESK_ROLES, PUBLIC, Role, audience
from portal.clock import now
from portal.export import csv_file
from requests.claims.models import Claim
from requests.complaints import actions as complaints
from requests.complaints.forms import (
    ComplainForm,
    ComplaintFilters,
    NoticeForm,
    StaffComplainForm,
)
from requests.complaints.models import Complaint, ComplaintStage, Route
from requests.complaints.recourse import ACK_DAYS, ANSWER_DAYS, DECENCY_MONTHS
from requests.inbox.claim_page import page, visible
from requests.kit.choices import Channel
from requests.tenant_pages import claim_views
from requests.tenant_pages.views import authoring

READERS = (Role.HEAD_OFFICE, Role.AGENCY_MANAGER)
PER_PAGE = 50


@audience(PUBLIC)
@require_GET
def routes(request: HttpRequest) -> HttpResponse:
    """Who may help when our answer does not: conditions and addresses."""
    context = {
        "ack": ACK_DAYS,
        "first": ANSWER_DAYS[1],
        "second": ANSWER_DAYS[2],
        "months": DECENCY_MONTHS,
        "routes": {row.kind: row for row in Route.objects.all()},
    }
    return render(request, "requests/complaints/routes.html", context)


# The tenant, by login and by link


def _complain(request: HttpRequest, door: claim_views.Door) -> HttpResponse:
    claim = door.claim
    if Complaint.objects.filter(claim=claim).exists():
        raise Http404  # its second stage is asked on its own page
    known = complaints.open_about(claim)
    if known:
        return redirect(replace(door, claim=known.claim).url("claim"))
    form = ComplainForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        made = complaints.file(
            about=claim,
            words=form.cleaned_data["words"],
            channel=Channel.WEB,
            by=request.user if door.by_login else None,
            now=now(),
        )
        request.session["sent"] = made.token
        return redirect(replace(door, claim=made).url("claim"))
    context = {
        "form": form,
        "claim": claim,
        "door": door,
        "back": door.url("claim"),
        "ack": ACK_DAYS,
        "first": ANSWER_DAYS[1],
        "second": ANSWER_DAYS[2],
        "place_of_talk": claim.residence,
    }
    status = 422 if form.errors else 200
    return render(request, "requests/complaints/complain.html", context, status=status)


@audience(Role.TENANT)
@never_cache
@require_http_methods(["GET", "POST"])
def complain(request: HttpRequest, claim: uuid.UUID) -> HttpResponse:
    """A complaint is its author's alone, and is filed in the name of the claim's author."""
    return _complain(request, authoring(request, claim))


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def follow_complain(request: HttpRequest, token: str) -> HttpResponse:
    return _complain(request, claim_views.by_link(token))


# Staff


@audience(*DESK_ROLES)
@require_POST
def heard(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A complaint that reached staff by letter, by phone or at the counter."""
    claim = visible(request, pk)
    form = StaffComplainForm(request.POST, auto_id="complain_%s")
    if Complaint.objects.filter(claim=claim).exists():
        raise Http404
    if not form.is_valid():
        return page(request, claim, complain=form, status=422)
    made = complaints.file(
        about=claim,
        words=form.cleaned_data["words"],
        channel=form.cleaned_data["channel"],
        by=request.user,
        role=request.membership.role,
        now=now(),
    )
    messages.success(request, _("Complaint kept. Somebody who did not handle it answers."))
    seen = Claim.objects.visible_to(request.membership).filter(pk=made.pk).exists()
    return redirect("agency:claim", made.pk if seen else claim.pk)


@audience(*DESK_ROLES)
@require_POST
def notice(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A formal notice, with its dates."""
    claim = visible(request, pk)
    form = NoticeForm(request.POST, auto_id="notice_%s")
    if not form.is_valid():
        return page(request, claim, notice=form, status=422)
    complaints.log_notice(
        claim=claim,
        by=request.user,
        role=request.membership.role,
        now=now(),
        **form.cleaned_data,
    )
    messages.success(request, _("Logged, with its date. The tenant is told."))
    return redirect("agency:claim", claim.pk)


# Head office and managers


def _stages(request: HttpRequest) -> tuple:
    """The stages one may see, filtered; with the form that filters and the query kept."""
    moment = now()
    wide = request.membership.role == Role.HEAD_OFFICE
    units = Unit.objects.all() if wide else Unit.objects.filter(pk=request.membership.unit_id)
    form = ComplaintFilters(request.GET or None, units=units)
    chosen = form.cleaned_data if form.is_valid() else {}
    waiting = Q(answered_at__isnull=True)
    where = {
        "waiting": waiting,
        "late": Q(answered_at__isnull=True, answer_due__lt=moment)
        | Q(answered_at__gt=F("answer_due")),
        "given": ~waiting,
    }
    rows = ComplaintStage.objects.filter(
        complaint__claim__in=Claim.objects.visible_to(request.membership)
    ).select_related(
        "complaint__claim__category",
        "complaint__claim__owner__unit",
        "complaint__claim__residence__unit",
        "complaint__about__category",
    )
    if chosen.get("stage"):
        rows = rows.filter(number=chosen["stage"])
    if chosen.get("where"):
        rows = rows.filter(where[chosen["where"]])
    if chosen.get("unit"):
        unit = chosen["unit"]
        rows = rows.filter(
            Q(complaint__claim__residence__unit=unit) | Q(complaint__claim__owner__unit=unit)
        )
    query = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    rows = rows.order_by(F("answered_at").desc(nulls_first=True), "answer_due", "pk")
    return rows, form, urlencode(query), moment


@audience(*READERS)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Every stage, those still to answer first."""
    rows, form, query, moment = _stages(request)
    context = {
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "filters": form,
        "query": query,
        "now": moment,
    }
    return render(request, "requests/complaints/list.html", context)


@audience(*READERS)
@require_GET
def as_csv(request: HttpRequest) -> HttpResponse:
    """The same list for a spreadsheet; no name of a tenant, none of staff."""
    rows, _form, _query, _moment = _stages(request)
    heads = [
        _("Number"),
        _("About"),
        _("Unit"),
        _("Stage"),
        _("Asked"),
        _("Answer due"),
        _("Answered"),
    ]
    lines = [
        [
            row.complaint.claim.reference,
            str(row.complaint.about.category) if row.complaint.about else "",
            str(row.complaint.claim.owner.unit if row.complaint.claim.owner else ""),
            row.number,
            row.asked_at.date().isoformat(),
            row.answer_due.date().isoformat(),
            row.answered_at.date().isoformat() if row.answered_at else "",
        ]
        for row in rows
    ]
    return csv_file("palier-complaints", [heads, *lines])
