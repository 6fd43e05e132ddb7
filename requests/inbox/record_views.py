"""Records for the agency: one person or one dwelling with all its claims; and linking a claim."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import Prefetch, Q, prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.access import filter_by_stock
from agencies.http_types import StaffRequest
from agencies.models import Dwelling, Residence, Staircase
from portal import opened, windows
from portal.access import DESK_ROLES, audience
from portal.actor import Actor
from portal.clock import now
from portal.identifiers import uuid_of
from portal.numbers import number_of
from portal.text import words_of
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent
from requests.claims.lookup import visible_claim
from requests.claims.models import Claim
from requests.claims.search import stock
from requests.claims.transitions import Conflict
from requests.household import access
from requests.household.forms import EndAccessForm
from requests.identity import authors, senders
from requests.identity.callers import find_tenants
from requests.inbox import context_panel, triage
from requests.inbox.list_page import confirm_done
from tenants.models import AccessEnd, Occupancy, Tenant

MOST = 20


def _claims(request: StaffRequest, **where: object) -> Page:
    rows = (
        Claim.objects.visible_to(request.membership)
        .filter(**where)
        .select_related("category", "owner__unit", "tenant", "dwelling")
        .order_by("-filed_at")
    )
    return windows.page(request, rows, 50)


@audience(*DESK_ROLES)
@require_GET
def tenant(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show one person: how to reach them, where they live and lived, every claim of theirs."""
    return person_page(
        request, get_object_or_404(Tenant.objects.visible_to(request.membership), pk=pk)
    )


def person_page(
    request: StaffRequest, found: Tenant, *, form: EndAccessForm | None = None, status: int = 200
) -> HttpResponse:
    """Show what the member may know of a person; somebody who left, by their stay only."""
    member = request.membership
    opened.note(request, found)
    here = Tenant.objects.at_home_with(member).filter(pk=found.pk).exists()
    homes = found.occupancies.all().seen_by(member)
    ends = AccessEnd.objects.visible_to(member).filter(tenant=found)
    context = {
        "tenant": found,
        **context_panel.person(found, member),
        "left": not here,
        "homes": homes.select_related("lease__dwelling__staircase__building__residence").order_by(
            "-starts"
        ),
        "page_obj": _claims(request, tenant=found),
        "may_end": access.may_end(found, member),
        "ends": ends.select_related("by"),
        "form": form or EndAccessForm(auto_id="end_%s"),
    }
    return render(request, "requests/inbox/tenant.html", context, status=status)


@audience(*DESK_ROLES)
@require_GET
def dwelling(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one home: its place, its household, every claim on it."""
    rows = filter_by_stock(
        Dwelling.objects.select_related("staircase__building__residence__unit"),
        request.membership,
        "staircase__building__residence__unit",
    )
    found = get_object_or_404(rows, pk=pk)
    residence = found.staircase.building.residence
    context = {
        "dwelling": found,
        "residence": residence,
        "caretaker": context_panel.caretaker_of(residence),
        **context_panel.household(found, None),
        "equipment": found.staircase.building.equipment.filter(
            Q(staircase__isnull=True) | Q(staircase=found.staircase)
        ),
        "page_obj": _claims(request, dwelling=found),
    }
    opened.note_list(request, context["page_obj"])
    return render(request, "requests/inbox/dwelling.html", context)


def _correct(
    request: StaffRequest, claim: Claim, name: str, change: Callable[..., ClaimEvent], **new: object
) -> HttpResponse | None:
    """Make one correction; None when the claim changed meanwhile: the member chooses again."""
    try:
        event = change(
            claim=claim,
            actor=Actor.member(request.membership),
            version=number_of(request.POST.get("version")),
            now=now(),
            **new,
        )
    except (Conflict, workflow.NotAllowed):
        return None
    confirm_done(request, name, event)
    return _after(request, claim)


def _after(request: StaffRequest, claim: Claim) -> HttpResponse:
    """Go on with the claim while the member still sees it."""
    if Claim.objects.visible_to(request.membership).filter(pk=claim.pk).exists():
        return redirect("agency:claim", pk=claim.pk)
    return redirect("agency:inbox")


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def relocate(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Search the register within the visible units, and link the claim to a place."""
    claim = visible_claim(request, pk)
    status = 200
    if request.method == "POST":
        place = _place(request)
        said = _("Place linked; the request was routed again.")
        answer = _correct(request, claim, said, triage.relocate, place=place)
        if answer:
            return answer
        status = 409
        claim = visible_claim(request, pk)
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    homes, stairs = [], []
    if text:
        member = request.membership
        *street, last = words_of(text)
        stairs = filter_by_stock(
            Staircase.objects.select_related("building__residence"),
            member,
            "building__residence__unit",
        )
        homes = filter_by_stock(
            Dwelling.objects.select_related("staircase__building__residence"),
            member,
            "staircase__building__residence__unit",
        )
        exact = stock(stairs, text, "street", "building__residence__name")
        by_door = stock(
            homes.filter(door__iexact=last),
            " ".join(street),
            "staircase__street",
            "staircase__building__residence__name",
        )
        in_place = stock(homes, text, "staircase__street", "staircase__building__residence__name")
        stairs = list(exact.order_by("street")[:MOST])
        homes = list(by_door[:MOST]) if street else []
        homes += list(in_place.order_by("staircase__street", "floor", "door")[: MOST - len(homes)])
    context = {
        "claim": claim,
        "q": text,
        "homes": homes,
        "stairs": stairs,
        "conflict": status != 200,
    }
    return render(request, "requests/inbox/relocate.html", context, status=status)


def _place(request: StaffRequest) -> Dwelling | Staircase | Residence:
    """Return the place that a button named, within the member's stock. Raises Http404 otherwise."""
    kind, _colon, number = request.POST.get("place", "").partition(":")
    kinds = {
        "dwelling": (
            Dwelling.objects.select_related("staircase__building__residence__unit"),
            "staircase__building__residence__unit",
        ),
        "staircase": (
            Staircase.objects.select_related("building__residence__unit"),
            "building__residence__unit",
        ),
        "residence": (Residence.objects.select_related("unit"), "unit"),
    }
    if kind not in kinds or not number.isdecimal():
        raise Http404
    rows, path = kinds[kind]
    return get_object_or_404(filter_by_stock(rows, request.membership, path), pk=int(number[:18]))


def _link(request: StaffRequest, claim: Claim, person: Tenant) -> HttpResponse | None:
    """Link the claim, and those of the same sender that were ticked; None: it changed meanwhile."""
    moment, ticked = now(), request.POST.getlist("together")
    found = senders.waiting_together(claim, request.membership, moment) if ticked else []
    try:
        events = triage.identify_together(
            claim=claim,
            others=[other for other in found if str(other.pk) in ticked],
            tenant=person,
            actor=Actor.member(request.membership),
            version=number_of(request.POST.get("version")),
            learn=request.POST.get("learn") == "on",
            now=moment,
        )
    except (Conflict, workflow.NotAllowed):
        return None
    said = _("Tenant linked.")
    if len(events) > 1:
        count = len(events)
        said = ngettext("%(count)s request linked.", "%(count)s requests linked.", count)
        said %= {"count": count}
    confirm_done(request, said, *events)
    return _after(request, claim)


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def identify(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Search the people of the visible units, and say who this is."""
    claim = visible_claim(request, pk)
    status = 200
    if request.method == "POST":
        person = get_object_or_404(
            Tenant.objects.visible_to(request.membership),
            pk=uuid_of(request.POST.get("tenant", "")),
        )
        answer = _link(request, claim, person)
        if answer:
            return answer
        status = 409
        claim = visible_claim(request, pk)
    text = request.GET.get("q", claim.contact_name).replace("\0", "").strip()[:200]
    people = find_tenants(request.membership, text)[:MOST]
    stays = Occupancy.objects.seen_by(request.membership).select_related(
        "lease__dwelling__staircase__building__residence"
    )
    prefetch_related_objects(people, Prefetch("occupancies", stays))
    home = context_panel.household(claim.dwelling, None)["co_holders"]
    here = Tenant.objects.visible_to(request.membership).filter(
        pk__in=[occupancy.tenant_id for occupancy in home]
    )
    context = {
        "claim": claim,
        "q": text,
        "people": people,
        "here": here,
        "written": senders.written_from(claim),
        "together": senders.waiting_together(claim, request.membership, now()),
        "conflict": status != 200,
    }
    return render(request, "requests/inbox/identify.html", context, status=status)


@audience(*DESK_ROLES)
@require_POST
def not_author(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Say that somebody whom the guess names did not write the claim."""
    claim = visible_claim(request, pk)
    guess = senders.guess(claim, request.membership, now())
    people = {str(person.pk): person for person in guess.people} if guess else {}
    person = people.get(request.POST.get("person", ""))
    if person is None:
        raise Http404
    said = _("%(name)s did not write it: noted.") % {"name": person}
    answer = _correct(request, claim, said, authors.rule_out, person=person)
    if answer is None:
        messages.warning(request, _("This claim changed meanwhile. Choose again."))
        return redirect("agency:claim", pk=pk)
    return answer
