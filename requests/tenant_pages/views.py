"""The pages of a signed-in tenant: what to do, their building, their claims."""

import uuid
from collections.abc import Iterable
from datetime import date
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import TenantRequest
from agencies.models import Dwelling
from portal import windows
from portal.access import Role, audience
from portal.clock import now
from portal.memory import reading_once
from portal.models import User
from requests.claims.household import OWN_PAGES
from requests.claims.models import Claim
from requests.incidents import known_faults
from requests.kit.choices import State
from requests.planned_works.models import PlannedWorks
from requests.tenant_pages import claim_views
from requests.work_orders.appointments import chooses_a_date
from tenants.homes import current_homes
from tenants.models import AccountLink, Mandate

PER_PAGE = 10
TENANT_TURN = (State.WAITING_TENANT, State.DONE)


@audience(Role.TENANT)
@never_cache
@require_GET
@reading_once()
def home(request: TenantRequest) -> HttpResponse:
    """Show what to do, what waits for the tenant, their building, their claims, in this order."""
    today = timezone.localdate()
    # Who may read what is asked once: planning that question takes longer than answering it.
    newest = ("-filed_at", "pk")
    mine = Claim.objects.by_keys_of_user(request.user, today)
    readable = list(mine.only("pk", "follows").order_by(*newest))
    claims = Claim.objects.again(readable).annotate(choose_date=chooses_a_date()).order_by(*newest)
    homes = current_homes(request.user, today)
    query = request.GET.get("q", "").replace("\0", "").strip()[:100]
    found = list(_search(claims, query, request.user).only("pk")) if query else readable
    page_obj = windows.page_of_list(request, found, PER_PAGE)
    listed = {claim.pk for claim in page_obj}
    shown = list(
        claims.filter(
            Q(pk__in=listed) | Q(state__in=TENANT_TURN) | Q(choose_date=True)
        ).select_related("category__family")
    )
    page_obj.object_list = [claim for claim in shown if claim.pk in listed]
    page = {
        "waiting": _waiting(shown, request.user, today)[:5],
        "incidents": _incidents(homes, readable),
        "planned": list(PlannedWorks.objects.ahead(now()).at_homes(homes)),
        "homes": homes,
        "linked": bool(getattr(request.user, "tenant", None)),
        "acts": Mandate.objects.held_by(request.user, today).exists(),
        "page_obj": page_obj,
        "q": query,
        "query": urlencode({"q": query}) if query else "",
    }
    return render(request, "requests/tenant_pages/my/home.html", page)


def _waiting(claims: Iterable[Claim], user: User, today: date) -> list[Claim]:
    """Return those of ``claims`` that wait for an answer which ``user`` may give."""
    waiting = [one for one in claims if one.state in TENANT_TURN or one.choose_date]
    if not waiting:
        return []
    acted_on = Claim.objects.again(waiting).actionable_by(user, today)
    may = set(acted_on.values_list("pk", flat=True))
    return [claim for claim in waiting if claim.pk in may]


def _incidents(homes: Iterable[Dwelling], claims: Iterable[Claim]) -> list[known_faults.Incident]:
    """Return the shared faults of the tenant's buildings that they neither reported nor joined."""
    mine = {key for claim in claims for key in (claim.pk, claim.follows_id)}
    found = {
        incident.pk: incident
        for home in homes
        for incident in known_faults.open_incidents(
            home.staircase.building_id, home.staircase_id, now=now()
        )
        if not incident.claims & mine
    }
    return list(found.values())


def _search(claims: QuerySet, query: str, user: User) -> QuerySet:
    """Return the claims that hold every word in reference, fault or a text ``user`` may read."""
    readable = Q(tenant__user=user) | Q(channel__in=OWN_PAGES)
    compact = "".join(query.split())
    words = Q()
    for word in query.split()[:8]:
        words &= (
            Q(category__label_fr__icontains=word)
            | Q(category__label_en__icontains=word)
            | Q(category__plain_language_fr__icontains=word)
            | Q(readable, words__icontains=word)
            | Q(readable, place_note__icontains=word)
        )
    return claims.filter(Q(reference__iexact=compact) | words)


# What a page needs: to read a claim, to act on it, or to be its author. Otherwise the answer is a
# 404.


def access_to_read(request: TenantRequest, claim: uuid.UUID) -> claim_views.ClaimAccess:
    """Return the claim for a person who may read it. Raises ``Http404``."""
    return _access(request, Claim.objects.of_user(request.user, timezone.localdate()), claim)


def access_to_act(request: TenantRequest, claim: uuid.UUID) -> claim_views.ClaimAccess:
    """Return the claim for a person who may act on it. Raises ``Http404``."""
    return _access(request, Claim.objects.actionable_by(request.user, timezone.localdate()), claim)


def access_of_author(request: TenantRequest, claim: uuid.UUID) -> claim_views.ClaimAccess:
    """Return the claim for its author alone. Raises ``Http404``."""
    access = _access(request, Claim.objects.own_of(request.user), claim)
    if not access.own:
        raise Http404
    return access


def _access(request: TenantRequest, claims: QuerySet, pk: uuid.UUID) -> claim_views.ClaimAccess:
    claim = get_object_or_404(claims.select_related("tenant", *claim_views.RELATED), pk=pk)
    # A newly linked account is not sure to be the author: it reads what the home reads.
    waits = AccountLink.objects.waiting(request.user, now()).exists()
    own = bool(claim.tenant and claim.tenant.user_id == request.user.pk) and not waits
    acted_on = Claim.objects.actionable_by(request.user, timezone.localdate())
    acts = own or acted_on.filter(pk=claim.pk).exists()
    return claim_views.ClaimAccess(claim, by_login=True, own=own, acts=acts)


@audience(Role.TENANT)
@never_cache
@require_GET
def claim(request: TenantRequest, claim: uuid.UUID) -> HttpResponse:
    return claim_views.show(request, access_to_read(request, claim))


@audience(Role.TENANT)
@never_cache
@require_POST
def write(request: TenantRequest, claim: uuid.UUID) -> HttpResponse:
    return claim_views.write(request, access_to_act(request, claim))


@audience(Role.TENANT)
@never_cache
@require_POST
def act(request: TenantRequest, claim: uuid.UUID, transition: str) -> HttpResponse:
    return claim_views.act(request, access_to_act(request, claim), transition)


@audience(Role.TENANT, repeat="sets the same choice again")
@never_cache
@require_POST
def news(request: TenantRequest, claim: uuid.UUID) -> HttpResponse:
    """Choose which messages to get. For the author alone: they go to the author's own addresses."""
    return claim_views.news(request, access_of_author(request, claim))


@audience(Role.TENANT)
@never_cache
@require_GET
def letter(request: TenantRequest, claim: uuid.UUID) -> HttpResponse:
    """Show the claim as a letter.

    It carries the permanent link, which only the author gets; so does ``qr``.
    """
    return claim_views.letter(request, access_of_author(request, claim))


@audience(Role.TENANT)
@require_GET
def qr(request: TenantRequest, claim: uuid.UUID) -> HttpResponse:
    return claim_views.qr(access_of_author(request, claim))


@audience(Role.TENANT)
@require_GET
def file(request: TenantRequest, claim: uuid.UUID, file: uuid.UUID) -> HttpResponseBase:
    return claim_views.file_of(request, access_to_read(request, claim), file)


@audience(Role.TENANT, repeat="sets the same choice again")
@never_cache
@require_POST
def confidential(request: TenantRequest, claim: uuid.UUID) -> HttpResponse:
    """Say who of the home reads the claim. For the author alone."""
    return claim_views.make_confidential(request, access_of_author(request, claim))


@audience(Role.TENANT)
@never_cache
@require_POST
def link(request: TenantRequest, claim: uuid.UUID, what: str) -> HttpResponse:
    """Close the private link or make a new one. For the author alone."""
    return claim_views.change_link(request, access_of_author(request, claim), what)
