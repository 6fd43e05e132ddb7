"""Pages of duplicate records: compare, merge, undo; and of mandates given on paper.

Both records of a pair are fetched as visible to the member, so that nobody merges or reads people
of another agency. Confidential claims are never listed here (docs/principles.md, T2).
"""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.models import Membership
from portal import opened, windows
from portal.access import DESK_ROLES, audience
from portal.actor import Actor
from portal.clock import now
from requests.claims.household import NOT_CONFIDENTIAL
from requests.claims.models import Claim
from requests.identity import actions as identity
from requests.identity import doubles
from requests.identity.double_models import DoublePair
from requests.identity.forms import MergeForm, StaffMandateForm, explain_refusal
from tenants.actions import account_link, distinct, mandates, record_merge
from tenants.models import IdentityMerge, Mandate, Tenant

PER_PAGE = 30
REASONS = {
    "phone": _("same phone"),
    "email": _("same e-mail"),
    "name_and_home": _("same name and home"),
}
REFUSALS = {
    "same": _("This is one and the same record."),
    "both_accounts": _(
        "Each of the two has an account. Close one first: an account never gets another’s requests."
    ),
    "confidential": _(
        "Merged this way, an account could read what another person told us in confidence."
        " Turn the merge round, or leave the two apart."
    ),
}
WARNINGS = {"two_references": _("The rent system knows two people. Check with it before merging.")}
KINDS = {
    "contact": _("Contact"),
    "home": _("Dwelling"),
    "need": _("Need"),
    "mandate": _("Mandate"),
    "account": _("Account"),
}
OUTCOMES = {
    record_merge.MOVES: _("moves"),
    record_merge.JOINS: _("is on both sides: one remains"),
    record_merge.STAYS: _("stays on the old record: the two stays are apart"),
}


def _person(request: HttpRequest, pk) -> Tenant:
    found = get_object_or_404(Tenant.objects.visible_to(request.membership), pk=pk)
    opened.note(request, found)
    return found


def _merges(request: HttpRequest):
    related = ("kept", "absorbed", "by", "undone_by")
    return IdentityMerge.objects.visible_to(request.membership).select_related(*related)


@audience(*DESK_ROLES)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List probable duplicates, people found by name, and the last merges."""
    query = request.GET.get("name", "").replace("\0", "").strip()[:100]
    people: QuerySet[Tenant] | list[Tenant] = []
    chosen = _person_to_compare(request)
    if query:
        rows = Tenant.objects.visible_to(request.membership)
        for word in query.split()[:6]:
            rows = rows.filter(Q(last_name__icontains=word) | Q(first_name__icontains=word))
        rows = rows.exclude(pk=chosen.pk) if chosen else rows
        people = list(rows.order_by("last_name", "first_name", "pk")[:PER_PAGE])
        opened.note_list(request, people)
    pairs = windows.page(
        request,
        DoublePair.objects.kept_for(request.membership).order_by("-same_name", "-strength", "pk"),
        PER_PAGE,
        shown=_compared(request.membership),
    )
    for pair in pairs:
        pair.one, pair.other = doubles.kept_first(pair)
        pair.labels = [REASONS[reason] for reason in pair.reasons]
    opened.note_list(request, pairs)
    page = {
        "page_obj": pairs,
        "people": people,
        "name": query,
        "query": urlencode({"name": query}) if query else "",
        "chosen": chosen,
        "merges": _merges(request).order_by("-pk")[:10],
    }
    return render(request, "requests/identity/index.html", page)


def _compared(membership: Membership) -> QuerySet[DoublePair]:
    """Return the query for the pairs that the member may compare, with both people.

    For a page: the reader's scope found its keys in this request, so it is read as the landlord,
    narrowed by the rule. The policies would look up both people's stays once more for each table.
    """
    rows = DoublePair.objects.system("pairs of a page").visible_to(membership)
    return rows.select_related("one", "other")


def _person_to_compare(request: HttpRequest) -> Tenant | None:
    """Return the person to compare others with, or None when unknown."""
    try:
        key = uuid.UUID(request.GET.get("with", ""))
    except ValueError:
        return None
    return Tenant.objects.visible_to(request.membership).filter(pk=key).first()


def _side(request: HttpRequest, tenant: Tenant) -> dict:
    """Return what a person compares of one record, without confidential claims."""
    claims = Claim.objects.visible_to(request.membership).filter(tenant=tenant, **NOT_CONFIDENTIAL)
    member = request.membership
    # Of somebody who left, an agency knows the stay, not where they live now nor their phone.
    here = Tenant.objects.at_home_with(member).filter(pk=tenant.pk).exists()
    points, needs = tenant.contact_points.all(), tenant.needs.all()
    stays = tenant.occupancies.all().seen_by(member).select_related("lease__dwelling__staircase")
    return {
        "tenant": tenant,
        "contacts": points.order_by("kind", "value") if here else points.none(),
        "stays": stays.order_by("starts"),
        "needs": needs.filter(expires__gte=timezone.localdate()) if here else needs.none(),
        "claims": claims.select_related("category").order_by("-filed_at")[:5],
        "claims_count": claims.count(),
    }


def _line_text(line: record_merge.Line) -> str:
    if line.kind == "home":
        return f"{line.row.lease.dwelling} · {line.row.lease}"
    return str(_("of the tenant’s space") if line.kind == "account" else line.row)


def _preview(request, kept, absorbed, *, form=None, changed=False, status=200) -> HttpResponse:
    plan = identity.preview(kept, absorbed)
    seen = identity.digest(plan)
    if form is None:
        form = MergeForm(initial={"seen": seen})
    else:  # show the current state, and keep the words that were typed
        form.data = {**form.data.dict(), "seen": seen}
    page = {
        "sides": [
            (_("This record stays"), _side(request, kept)),
            (_("Record to merge"), _side(request, absorbed)),
        ],
        "kept": kept,
        "absorbed": absorbed,
        "lines": [
            {
                "kind": KINDS[line.kind],
                "text": _line_text(line),
                "outcome": OUTCOMES[line.outcome],
            }
            for line in plan.lines
        ],
        "moving": identity.moved_claims(absorbed).filter(**NOT_CONFIDENTIAL).count(),
        "refusals": [REFUSALS[code] for code in plan.refusals],
        "warnings": [WARNINGS[code] for code in plan.warnings],
        "form": form,
        "changed": changed,
    }
    return render(request, "requests/identity/preview.html", page, status=status)


@audience(*DESK_ROLES)
@require_GET
def preview(request: HttpRequest, kept, absorbed) -> HttpResponse:
    """Show the two records side by side, and what a merge would move."""
    return _preview(request, _person(request, kept), _person(request, absorbed))


@audience(*DESK_ROLES)
@require_POST
def merge(request: HttpRequest, kept, absorbed) -> HttpResponse:
    """Merge two records. Answer 409 when somebody else merged or changed them first."""
    try:
        one, other = _person(request, kept), _person(request, absorbed)
    except Http404:
        return _existing_merge(request, kept, absorbed)
    form = MergeForm(request.POST)
    if not form.is_valid():
        return _preview(request, one, other, form=form, status=422)
    try:
        made = identity.merge(
            kept=one,
            absorbed=other,
            seen=form.cleaned_data["seen"],
            reason=form.cleaned_data["reason"],
            actor=Actor.member(request.membership),
            now=now(),
        )
    except identity.Refused:
        return _preview(request, one, other, form=form, status=422)
    except identity.Conflict:
        try:
            one, other = _person(request, kept), _person(request, absorbed)
        except Http404:
            return _existing_merge(request, kept, absorbed)
        return _preview(request, one, other, form=form, changed=True, status=409)
    messages.success(request, _("The two records are one. You can undo it here at any time."))
    return redirect("identity:merged", key=made.key)


def _existing_merge(request: HttpRequest, *keys) -> HttpResponse:
    """Show the merge that was made first; 404 when the member may see none."""
    done = _merges(request).filter(absorbed__in=keys, undone_at__isnull=True).first()
    if done is None:
        raise Http404
    return _result(request, done, conflict=True, status=409)


@audience(*DESK_ROLES)
@require_POST
def declare_distinct(request: HttpRequest, kept, absorbed) -> HttpResponse:
    """Record that two records are two people, so that they are not proposed again."""
    distinct.declare(
        one=_person(request, kept), other=_person(request, absorbed), by=request.user, now=now()
    )
    messages.success(request, _("Noted: two people. We no longer propose them."))
    return redirect("identity:index")


def _result(request, made: IdentityMerge, *, conflict=False, status=200) -> HttpResponse:
    page = {
        "merge": made,
        "may_undo": record_merge.may_be_undone(made),
        "conflict": conflict,
        "current": made.kept.current,
    }
    return render(request, "requests/identity/merged.html", page, status=status)


@audience(*DESK_ROLES)
@require_GET
def show_merge(request: HttpRequest, key) -> HttpResponse:
    """Show one merge: who, when, why, and the button that undoes it."""
    return _result(request, get_object_or_404(_merges(request), key=key))


@audience(*DESK_ROLES)
@require_POST
def undo(request: HttpRequest, key) -> HttpResponse:
    """Undo a merge. Answer 409 when it is undone already or a later merge depends on it."""
    made = get_object_or_404(_merges(request), key=key)
    try:
        identity.undo(merge=made, actor=Actor.member(request.membership), now=now())
    except identity.Conflict:
        return _result(
            request, get_object_or_404(_merges(request), key=key), conflict=True, status=409
        )
    messages.success(request, _("The two records are apart again, as they were."))
    return redirect("identity:merged", key=key)


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, pk) -> HttpResponse:
    """Show one person's contacts, mandates and merges; on POST, record a mandate on paper.

    To an agency that the person left, neither mandates nor accounts: who acts for them, and with
    which code, is part of the new home's life.
    """
    tenant = _person(request, pk)
    here = Tenant.objects.at_home_with(request.membership).filter(pk=tenant.pk).exists()
    if request.method == "POST" and not here:
        raise Http404
    form = StaffMandateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            mandates.record_consent(
                tenant=tenant,
                given=form.mandate_values(),
                consent=form.cleaned_data["consent"],
                proof=form.cleaned_data["proof"],
                by=request.user,
                now=now(),
            )
        except mandates.NotPossible as error:
            explain_refusal(form, error.args[0])
        else:
            messages.success(
                request, _("The mandate is noted. The proxy accepts it by signing in.")
            )
            return redirect("identity:person", pk=pk)
    given = list(tenant.mandates.select_related("code").order_by("-asked_at")) if here else []
    for mandate in given:
        code = getattr(mandate, "code", None)
        waiting = not mandate.consent_at and not mandate.revoked_at
        if waiting and code and not code.sent_at and code.expires_at > now():
            mandate.code_to_read = mandates.consent_digits(code)
    links = tenant.account_links.select_related("user").order_by("-asked_at")
    accounts = list(links[:5]) if here else []
    for link in accounts:
        waiting = not (link.linked_at or link.ended_at or link.sent_at)
        if waiting and link.expires_at and link.expires_at > now():
            link.code_to_read = account_link.link_digits(link)
    page = {
        "side": _side(request, tenant),
        "tenant": tenant,
        "here": here,
        "mandates": given,
        "accounts": accounts,
        "today": timezone.localdate(),
        "merges": _merges(request).filter(Q(kept=tenant) | Q(absorbed=tenant)).order_by("-pk"),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "requests/identity/person.html", page, status=status)


@audience(*DESK_ROLES)
@require_POST
def end_mandate(request: HttpRequest, pk) -> HttpResponse:
    """End a mandate because the tenant asked for it."""
    mandate = get_object_or_404(Mandate.objects.visible_to(request.membership), pk=pk)
    mandates.revoke(mandate=mandate, by=request.user, now=now())
    messages.success(request, _("The mandate is ended."))
    return redirect("identity:person", pk=mandate.tenant_id)
