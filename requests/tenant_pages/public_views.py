"""The public pages: home for strangers, "Talk to someone", accessibility."""

import uuid

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from agencies import landlord
from agencies.http_types import PublicRequest
from portal.access import PUBLIC, audience
from portal.actor import Actor
from portal.clock import now
from portal.policies import SEALED
from requests.catalogue.models import Category
from requests.filing.actions import Filing, KeyReused, file_claim
from requests.kit.choices import Channel, Urgency
from requests.tenant_pages.forms import CallBackForm
from tenants.contacts import known_contact
from tenants.homes import current_homes

# Any matter at all, and "call me": for what fits no list (docs/principles.md, P5).
TALK_TO_SOMEONE = "ADM-14"


@audience(PUBLIC)
@require_GET
def home(request: PublicRequest) -> HttpResponse:
    """Show the two buttons of the public home; redirect signed-in tenants to their own home."""
    if request.user.is_authenticated and not request.membership:
        return redirect("my:home")
    return render(request, "requests/tenant_pages/home.html")


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def talk(request: PublicRequest) -> HttpResponse:
    """Show phone, hours and caretaker, and "call me back", which files an ordinary claim."""
    if request.method == "POST":
        form = CallBackForm(request.POST)
        if form.is_valid():
            return _call_back(request, form)
    else:
        form = CallBackForm(initial={"key": uuid.uuid4(), **known_contact(request.user)})
    page = {"form": form}
    return render(
        request, "requests/tenant_pages/talk.html", page, status=422 if form.errors else 200
    )


def _call_back(request: PublicRequest, form: CallBackForm) -> HttpResponse:
    tenant = getattr(request.user, "tenant", None) if request.user.is_authenticated else None
    homes = current_homes(request.user, timezone.localdate())
    data = form.cleaned_data
    filing = Filing(
        channel=Channel.WEB,
        key=str(data["key"]),
        category=question().code,
        words=gettext("Please call me back."),
        dwelling=homes[0].pk if homes else None,
        tenant=str(tenant.pk) if tenant else None,
        contact_name=data["name"],
        contact_phone=data["phone"],
        language=get_language() or "fr",
        availability=[data["best"], "call"] if data["best"] else ["call"],
    )
    try:
        claim = file_claim(filing, actor=Actor.tenant(request.user if tenant else None), now=now())
    except KeyReused:
        # The form was changed and sent again: that is a new wish, under a new key.
        form = CallBackForm({**request.POST.dict(), "key": uuid.uuid4()})
        form.is_valid()
        return _call_back(request, form)
    request.session["sent"] = claim.token
    return redirect("follow", token=claim.token)


def question() -> Category:
    """Return the category of "I want to talk to someone".

    Raises Category.DoesNotExist if none is left.
    """
    categories = Category.objects.filter(active=True)
    chosen = categories.filter(code=TALK_TO_SOMEONE).first()
    return chosen or categories.filter(urgency=Urgency.A1).order_by("code").get()


@audience(PUBLIC)
@require_GET
def accessibility(request: PublicRequest) -> HttpResponse:
    return render(request, "requests/tenant_pages/accessibility.html")


@audience(PUBLIC)
@require_GET
def look(request: PublicRequest) -> HttpResponse:
    """Return the landlord's colours as a style sheet; its address changes with them."""
    sheet = f":root{{{landlord.current().tokens}}}"
    answer = HttpResponse(sheet, content_type="text/css; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    answer["Content-Security-Policy"] = SEALED
    return answer
