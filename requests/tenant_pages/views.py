"""The pages of a signed-in tenant: what to do, their building, their claims, their home."""

import uuid
from collections.abc import Iterable
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http_types import TenantRequest
from agencies.models import Dwelling
from portal.access import Role, audience
from portal.actor import Actor
from portal.clock import now
from portal.models import User
from requests.claims.household import OWN_PAGES
from requests.claims.models import Claim
from requests.filing.actions import Filing, KeyReused, file_claim
from requests.incidents import known_faults
from requests.kit.choices import Channel, State
from requests.planned_works.models import PlannedWorks
from requests.tenant_pages import claim_views
from requests.tenant_pages.account_forms import LinkForm, PersonCheckForm
from requests.tenant_pages.public_views import question
from tenants.actions import account_link
from tenants.contacts import known_contact
from tenants.homes import current_homes
from tenants.models import Mandate

PER_PAGE = 10
TENANT_TURN = (State.WAITING_TENANT, State.DONE)


@audience(Role.TENANT)
@never_cache
@require_GET
def home(request: TenantRequest) -> HttpResponse:
    """Show what to do, what waits for the tenant, their building, their claims, in this order."""
    today = timezone.localdate()
    claims = Claim.objects.of_user(request.user, today).select_related("category")
    acted_on = Claim.objects.actionable_by(request.user, today).select_related("category")
    homes = current_homes(request.user, today)
    query = request.GET.get("q", "").replace("\0", "").strip()[:100]
    found = _search(claims, query, request.user) if query else claims
    page = {
        "waiting": acted_on.filter(state__in=TENANT_TURN).order_by("-filed_at")[:5],
        "incidents": _incidents(homes, claims),
        "planned": list(PlannedWorks.objects.ahead(now()).at_homes(homes)),
        "homes": homes,
        "linked": bool(getattr(request.user, "tenant", None)),
        "acts": Mandate.objects.held_by(request.user, today).exists(),
        "page_obj": Paginator(found.order_by("-filed_at", "pk"), PER_PAGE).get_page(
            request.GET.get("page")
        ),
        "q": query,
        "query": urlencode({"q": query}) if query else "",
    }
    return render(request, "requests/tenant_pages/my/home.html", page)


def _incidents(homes: Iterable[Dwelling], claims: QuerySet) -> list[known_faults.Incident]:
    """Return the shared faults of the tenant's buildings that they neither reported nor joined."""
    mine = set()
    for pk, follows in claims.values_list("pk", "follows"):
        mine |= {pk, follows}
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
    return _access(request, Claim.objects.own_of(request.user), claim)


def _access(request: TenantRequest, claims: QuerySet, pk: uuid.UUID) -> claim_views.ClaimAccess:
    claim = get_object_or_404(claims.select_related("tenant", *claim_views.RELATED), pk=pk)
    own = bool(claim.tenant and claim.tenant.user_id == request.user.pk)
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


@audience(Role.TENANT)
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
    return claim_views.file_of(access_to_read(request, claim), file)


# Linking the account to a dwelling.


@audience(Role.TENANT)
@never_cache
@require_http_methods(["GET", "POST"])
def dwelling(request: TenantRequest) -> HttpResponse:
    """Show how to link a dwelling: by the code on the rent bill or by a check of the office.

    Guessing is not possible.
    """
    if request.method == "POST":
        form = LinkForm(request.POST)
        if form.is_valid() and _link(request, form):
            messages.success(request, _("Your home is linked to your account."))
            return redirect("my:home")
    else:
        form = LinkForm()
    return _dwelling_page(request, form, _person_form(request))


def _link(request: TenantRequest, form: LinkForm) -> bool:
    """Link the account; return True when linked, otherwise the form has an error."""
    try:
        account_link.link_by_bill(
            user=request.user,
            code=form.cleaned_data["code"],
            last_name=form.cleaned_data["last_name"],
            origin=get_adapter().get_client_ip(request),
            now=now(),
        )
    except account_link.TooManyTries:
        form.add_error(None, _("Five tries in an hour: please wait an hour, or ask us to check."))
    except account_link.AlreadyLinked:
        form.add_error(None, _("Your account already has a home. Ask us to check, below."))
    except account_link.NoMatch:
        form.add_error(
            "code",
            _("Code and name do not match. Copy them from your bill, or ask us to check."),
        )
    return not form.errors


def _person_form(request: TenantRequest) -> PersonCheckForm:
    known = known_contact(request.user)
    return PersonCheckForm(initial={"key": uuid.uuid4(), **known}, auto_id="person_%s")


def _dwelling_page(request: TenantRequest, form: LinkForm, person: PersonCheckForm) -> HttpResponse:
    failed = bool(form.errors or person.errors)
    page = {"form": form, "person": person, "summary": person if person.errors else form}
    return render(
        request, "requests/tenant_pages/my/dwelling.html", page, status=422 if failed else 200
    )


@audience(Role.TENANT)
@never_cache
@require_POST
def dwelling_check(request: TenantRequest) -> HttpResponse:
    """File an ordinary claim that asks the office to check the person and link the account."""
    person = PersonCheckForm(request.POST, auto_id="person_%s")
    if not person.is_valid():
        return _dwelling_page(request, LinkForm(), person)
    data = person.cleaned_data
    tenant = getattr(request.user, "tenant", None)
    filing = Filing(
        channel=Channel.WEB,
        key=str(data["key"]),
        category=question().code,
        words=gettext("Please check who I am and link my account %(email)s to my home.")
        % {"email": request.user.email},
        place_note=data["address"],
        tenant=str(tenant.pk) if tenant else None,
        contact_name=data["name"],
        contact_email=request.user.email,
        contact_phone=data["phone"],
        language=get_language() or "fr",
    )
    try:
        made = file_claim(filing, actor=Actor.tenant(request.user), now=now())
    except KeyReused:
        return redirect("my:dwelling")
    request.session["sent"] = made.token
    return redirect("follow", token=made.token)
