"""Pages of proxies: the tenant gives and ends mandates; the proxy acts within them.

Every request checks the mandate: one that has ended gives a 404. The proxy never gets the claim's
own link, which would outlive the mandate.
"""

import uuid
from contextlib import suppress

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import opened, windows
from portal.access import Role, audience
from portal.actor import PROXY, Actor
from portal.clock import now
from portal.http_types import SignedInRequest
from requests.attachments.responses import serve
from requests.catalogue.models import Category
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.related import CONVERSATION, read_whole
from requests.conversation.thread import HOME, fold, thread
from requests.filing.actions import Filing, KeyReused
from requests.identity import proxies
from requests.identity.forms import (
    CodeForm,
    MandateForm,
    ProxyFileForm,
    ProxyMessageForm,
    explain_refusal,
)
from requests.kit.choices import Channel, State
from requests.work_orders.readable_files import filed_with, readable_files
from tenants.actions import mandates
from tenants.contacts import usable
from tenants.homes import homes_of
from tenants.models import ContactPoint, Mandate, Tenant

PER_PAGE = 10
# A proxy may answer for the tenant; only the tenant may withdraw or reopen a request.
MOVES = frozenset({Event.SAY_FIXED, Event.SAY_NOT_FIXED})


# Pages of the tenant


def _tenant(request: SignedInRequest) -> Tenant | None:
    return getattr(request.user, "tenant", None)


def _page(request: SignedInRequest, form=None, code_form=None, asked=None) -> HttpResponse:
    given = list(Mandate.objects.given_by(request.user).order_by("-asked_at"))
    uses = ClaimEvent.objects.system("uses of one's own mandates").filter(
        facts__proxy__in=[str(m.pk) for m in given]
    )
    seen: dict[str, list] = {}
    for event in uses.select_related("claim__category").order_by("-at")[:100]:
        seen.setdefault(event.facts["proxy"], []).append(event)
    today = timezone.localdate()
    for mandate in given:
        mandate.uses = seen.get(str(mandate.pk), [])[:5]
        mandate.over = bool(mandate.revoked_at or mandate.ends < today)
        if not mandate.over and not mandate.consent_at:
            mine = asked and mandate.pk == asked.pk
            mandate.code_form = code_form if mine else CodeForm(auto_id=f"{mandate.pk.hex}_%s")
    bad = code_form if code_form and code_form.errors else form
    page = {
        "mandates": given,
        "form": form or MandateForm(),
        "summary": bad or MandateForm(),
        "today": today,
        "linked": _tenant(request) is not None,
    }
    failed = bool(bad and bad.errors)
    return render(request, "requests/identity/mandates.html", page, status=422 if failed else 200)


@audience(Role.TENANT)
@never_cache
@require_http_methods(["GET", "POST"])
def mandates_given(request: SignedInRequest) -> HttpResponse:
    """List the tenant's mandates; on POST, ask for a new one."""
    if request.method != "POST":
        return _page(request)
    tenant = _tenant(request)
    if tenant is None:
        raise Http404
    form = MandateForm(request.POST)
    if form.is_valid():
        try:
            proxies.ask(tenant=tenant, given=form.mandate_values(), by=request.user, now=now())
        except mandates.NotPossible as error:
            explain_refusal(form, error.args[0])
        else:
            messages.success(request, _("We are sending a code to your phone. Type it below."))
            return redirect("my:proxies")
    return _page(request, form)


def _own_mandate(request: SignedInRequest, pk) -> Mandate:
    return get_object_or_404(Mandate.objects.given_by(request.user), pk=pk)


@audience(Role.TENANT)
@never_cache
@require_POST
def confirm(request: SignedInRequest, mandate: uuid.UUID) -> HttpResponse:
    """Confirm a mandate with the code sent to the tenant's phone: this is their consent."""
    asked = _own_mandate(request, mandate)
    form = CodeForm(request.POST, auto_id=f"{asked.pk.hex}_%s")
    if form.is_valid():
        try:
            mandates.confirm(mandate=asked, typed=form.cleaned_data["code"], now=now())
        except mandates.NotPossible as error:
            explain_refusal(form, error.args[0])
        else:
            messages.success(request, _("Done. Your proxy accepts it by signing in."))
            return redirect("my:proxies")
    return _page(request, None, form, asked)


@audience(Role.TENANT)
@never_cache
@require_POST
def revoke(request: SignedInRequest, mandate: uuid.UUID) -> HttpResponse:
    """End a mandate now."""
    mandates.revoke(mandate=_own_mandate(request, mandate), by=request.user, now=now())
    messages.success(request, _("Ended. This person no longer sees your requests."))
    return redirect("my:proxies")


# Pages of the proxy


def _verified_addresses(user) -> list[str]:
    """Return the verified addresses of the account, in lower case."""
    rows = EmailAddress.objects.filter(user=user, verified=True)
    return [email.lower() for email in rows.values_list("email", flat=True)]


@audience(Role.TENANT)
@never_cache
@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    """Show the mandates held, the mandates offered and the claims of the tenants."""
    today = timezone.localdate()
    claims = Claim.objects.of_proxy(request.user, today).select_related("category", "tenant")
    page = {
        "held": Mandate.objects.held_by(request.user, today).select_related("tenant"),
        "offered": Mandate.objects.addressed_to(_verified_addresses(request.user), today)
        .exclude(tenant__user=request.user)
        .select_related("tenant"),
        "page_obj": windows.page(request, claims.order_by("-filed_at", "pk"), PER_PAGE),
    }
    return render(request, "requests/identity/proxy_home.html", page)


@audience(Role.TENANT)
@never_cache
@require_POST
def accept(request: SignedInRequest, mandate: uuid.UUID) -> HttpResponse:
    """Accept a mandate sent to a verified address of this account."""
    offered = Mandate.objects.addressed_to(_verified_addresses(request.user), timezone.localdate())
    try:
        mandates.accept(
            mandate=get_object_or_404(offered, pk=mandate), user=request.user, now=now()
        )
    except mandates.NotPossible as error:
        raise Http404 from error
    messages.success(request, _("Accepted. You see the requests below."))
    return redirect("proxy:home")


def _claim(request: SignedInRequest, pk) -> tuple[Claim, Mandate]:
    """Return a claim and the mandate in force today that covers it, or raise a 404."""
    today = timezone.localdate()
    claims = Claim.objects.of_proxy(request.user, today).select_related(
        "category", "tenant", "owner__unit", "residence__unit", "dwelling__staircase"
    )
    found = get_object_or_404(claims, pk=pk)
    held = Mandate.objects.held_by(request.user, today).filter(tenant=found.tenant)
    if found.is_confidential:
        held = held.filter(scope=Mandate.Scope.ALL)
    mandate = held.order_by("ends").last()
    if mandate is None:
        raise Http404
    opened.note(request, found, means="mandate", role=PROXY)
    return found, mandate


def _show(request: SignedInRequest, claim: Claim, mandate: Mandate, form=None) -> HttpResponse:
    said = list(read_whole(claim, CONVERSATION).events.all())
    entries, files = thread(claim, said, now(), reader=HOME), readable_files(claim)
    if entries:  # what came with the filing, whether or not it had words
        entries[0].attached += list(filed_with(claim, files))
    for entry in entries:
        entry.files = [
            (f, reverse("proxy:claim_file", args=[claim.pk, f.pk])) for f in entry.attached
        ]
    earlier, last = fold(entries)
    form = form or ProxyMessageForm()
    page = {
        "claim": claim,
        "mandate": mandate,
        "thread": last,
        "earlier": earlier,
        "asked": claim.state == State.DONE,
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "requests/identity/proxy_claim.html", page, status=status)


@audience(Role.TENANT)
@never_cache
@require_GET
def claim(request: SignedInRequest, claim: uuid.UUID) -> HttpResponse:
    """Show a tenant's request to their proxy."""
    return _show(request, *_claim(request, claim))


@audience(Role.TENANT)
@never_cache
@require_GET
def claim_file(request: SignedInRequest, claim: uuid.UUID, file: uuid.UUID) -> HttpResponseBase:
    """Return a file of a request that the mandate covers; a thumbnail with ``?small``."""
    found, _mandate = _claim(request, claim)
    shown = get_object_or_404(readable_files(found), pk=file)
    return serve(shown, small="small" in request.GET)


@audience(Role.TENANT)
@never_cache
@require_POST
def write(request: SignedInRequest, claim: uuid.UUID) -> HttpResponse:
    """Write to the office for the tenant."""
    found, mandate = _claim(request, claim)
    form = ProxyMessageForm(request.POST)
    if not form.is_valid():
        return _show(request, found, mandate, form)
    proxies.write(
        claim=found,
        text=form.cleaned_data["text"],
        actor=Actor.proxy(request.user, mandate),
        now=now(),
    )
    return redirect("proxy:claim", claim=found.pk)


@audience(Role.TENANT)
@never_cache
@require_POST
def act(request: SignedInRequest, claim: uuid.UUID, transition: str) -> HttpResponse:
    """Say for the tenant whether the fault is fixed."""
    found, mandate = _claim(request, claim)
    if transition not in MOVES:
        raise Http404
    with suppress(workflow.NotAllowed):  # already done: the page shows it
        actor = Actor.proxy(request.user, mandate)
        proxies.act(claim=found, transition=transition, actor=actor, now=now())
    return redirect("proxy:claim", claim=found.pk)


@audience(Role.TENANT)
@never_cache
@require_http_methods(["GET", "POST"])
def file(request: SignedInRequest, mandate: uuid.UUID) -> HttpResponse:
    """File a claim for a tenant. Answers go to the tenant's own contacts, never to the proxy's."""
    held = Mandate.objects.held_by(request.user, timezone.localdate()).select_related("tenant")
    found = get_object_or_404(held, pk=mandate)
    categories = Category.objects.filter(active=True).order_by("tile", "public_rank", "code")
    if found.scope != Mandate.Scope.ALL:
        categories = categories.filter(sensitive=False)
    homes = homes_of(found.tenant, timezone.localdate())
    options = {"categories": categories, "homes": homes}
    if request.method == "POST":
        form = ProxyFileForm(request.POST, **options)
        if form.is_valid() and (made := _file_claim(request, found, form)):
            return redirect("proxy:claim", claim=made.pk)
    else:
        form = ProxyFileForm(initial={"key": uuid.uuid4()}, **options)
    page = {"form": form, "mandate": found, "homes": homes}
    status = 422 if form.errors else 200
    return render(request, "requests/identity/proxy_file.html", page, status=status)


def _file_claim(request: SignedInRequest, mandate: Mandate, form: ProxyFileForm) -> Claim | None:
    """Return the claim, or None with the reason as an error of the form."""
    tenant, data = mandate.tenant, form.cleaned_data
    reach = dict(usable(tenant).order_by("preferred", "pk").values_list("kind", "value"))
    filing = Filing(
        channel=Channel.WEB,
        key=str(data["key"]),
        category=data["category"],
        words=data["words"],
        dwelling=int(data["home"]),
        tenant=str(tenant.pk),
        contact_name=str(tenant),
        contact_email=reach.get(ContactPoint.Kind.EMAIL, ""),
        contact_phone=reach.get(ContactPoint.Kind.PHONE, ""),
        language=tenant.language,
    )
    try:
        return proxies.file(filing, actor=Actor.proxy(request.user, mandate), now=now())
    except KeyReused:
        form.add_error(None, _("This form was sent already, with other words. Open it anew."))
        return None
