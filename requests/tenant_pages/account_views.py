"""Link the signed-in tenant's account to a home: by the bill and a code, or by a person's check."""

import uuid

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from agencies.http_types import TenantRequest
from portal.access import Role, audience
from portal.actor import Actor
from portal.clock import now
from requests.filing.actions import Filing, KeyReused, file_claim
from requests.identity import account_links
from requests.identity.forms import BillForm
from requests.kit.choices import Channel
from requests.tenant_pages.account_forms import LinkCodeForm, PersonCheckForm
from requests.tenant_pages.public_views import question
from tenants.actions import account_link
from tenants.contacts import known_contact
from tenants.models import AccountLink


@audience(Role.TENANT)
@never_cache
@require_http_methods(["GET", "POST"])
def dwelling(request: TenantRequest) -> HttpResponse:
    """Show how to link a dwelling: by the code on the rent bill or by a check of the office.

    Guessing is not possible.
    """
    if request.method == "POST":
        form = BillForm(request.POST)
        if form.is_valid() and (link := _ask(request, form)):
            if not link.linked_at:
                return redirect("my:dwelling")
            messages.success(request, _linked(link))
            return redirect("my:home")
    else:
        form = BillForm()
    return _dwelling_page(request, form, _person_form(request))


def _linked(link: AccountLink) -> str:
    """Return what the account reads when it is linked, and what still waits."""
    if link.opens_at and link.linked_at and link.opens_at > link.linked_at:
        hours = round((link.opens_at - link.linked_at).total_seconds() / 3600)
        return gettext(
            "Your home is linked to your account. Confidential requests open in %(hours)s hours."
        ) % {"hours": hours}
    return gettext("Your home is linked to your account.")


def _ask(request: TenantRequest, form: BillForm) -> AccountLink | None:
    """Ask for the record of the bill; None with an error in the form."""
    try:
        return account_links.ask(
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
    return None


@audience(Role.TENANT)
@never_cache
@require_POST
def dwelling_code(request: TenantRequest) -> HttpResponse:
    """Link the account that copies the code sent to the phone known for the person."""
    form = LinkCodeForm(request.POST, auto_id="sms_%s")
    if form.is_valid():
        try:
            link = account_links.confirm(
                user=request.user, typed=form.cleaned_data["code"], now=now()
            )
        except account_link.WrongCode:
            form.add_error("code", _("This code is wrong or too old. Ask for a new one below."))
        except account_link.AlreadyLinked:
            form.add_error(None, _("Your account already has a home. Ask us to check, below."))
        else:
            messages.success(request, _linked(link))
            return redirect("my:home")
    return _dwelling_page(request, BillForm(), _person_form(request), form)


def _person_form(request: TenantRequest) -> PersonCheckForm:
    known = known_contact(request.user)
    return PersonCheckForm(initial={"key": uuid.uuid4(), **known}, auto_id="person_%s")


def _dwelling_page(
    request: TenantRequest,
    form: BillForm,
    person: PersonCheckForm,
    code: LinkCodeForm | None = None,
) -> HttpResponse:
    summary = next((bad for bad in (code, person, form) if bad and bad.errors), form)
    asked = AccountLink.objects.asked(request.user, now()).first()
    page = {
        "form": form,
        "person": person,
        "code": code or LinkCodeForm(auto_id="sms_%s"),
        # The last two figures: the person recognises their number, nobody else learns it.
        "asked": asked.phone[-2:] if asked else "",
        "summary": summary,
    }
    status = 422 if summary.errors else 200
    return render(request, "requests/tenant_pages/my/dwelling.html", page, status=status)


@audience(Role.TENANT)
@never_cache
@require_POST
def dwelling_check(request: TenantRequest) -> HttpResponse:
    """File an ordinary claim that asks the office to check the person and link the account."""
    person = PersonCheckForm(request.POST, auto_id="person_%s")
    if not person.is_valid():
        return _dwelling_page(request, BillForm(), person)
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
