"""The tenant's page about their data: what they asked, how it stands, their copy."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import TenantRequest
from portal.access import Role, audience
from portal.clock import now
from requests.privacy import actions, exports
from requests.privacy.downloads import archive
from requests.privacy.forms import AskForm
from requests.privacy.models import PersonExport, RightsRequest
from tenants.models import AccountLink

OPEN_AT_ONCE = 3


@audience(Role.TENANT)
@never_cache
@require_GET
def home(request: TenantRequest) -> HttpResponse:
    """Show the person's requests about their data, their copies, and what can be asked."""
    return _page(request)


def _page(
    request: TenantRequest, *, form: AskForm | None = None, status: int = 200
) -> HttpResponse:
    asked = list(
        RightsRequest.objects.of_user(request.user)
        .prefetch_related("exports")
        .order_by("-received_on", "-pk")
    )
    moment = now()
    for row in asked:
        row.copies = list(row.exports.all())
        for copy in row.copies:
            copy.open = exports.is_open(copy, moment)
    page = {
        "linked": hasattr(request.user, "tenant"),
        "waits": AccountLink.objects.waiting(request.user, moment).exists(),
        "asked": asked,
        "form": form or AskForm(),
    }
    return render(request, "requests/privacy/my_data.html", page, status=status)


@audience(Role.TENANT)
@require_POST
def ask(request: TenantRequest) -> HttpResponse:
    """Ask one thing about one's data."""
    tenant = getattr(request.user, "tenant", None)
    # A newly linked account waits: somebody else may stand behind it.
    if tenant is None or AccountLink.objects.waiting(request.user, now()).exists():
        raise Http404
    form = AskForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    same = RightsRequest.objects.of_user(request.user).waiting()
    if same.filter(kind=form.cleaned_data["kind"]).exists() or same.count() >= OPEN_AT_ONCE:
        messages.warning(request, _("You asked this already. We are dealing with it."))
        return redirect("my_data:home")
    actions.ask(
        tenant=tenant,
        channel=RightsRequest.Channel.PAGE,
        received_on=timezone.localdate(),
        by=request.user,
        now=now(),
        **form.cleaned_data,
    )
    messages.success(request, _("We have your request. Its state stands below."))
    return redirect("my_data:home")


@audience(Role.TENANT)
@require_POST
def withdraw(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take a request back."""
    found = get_object_or_404(RightsRequest.objects.of_user(request.user), pk=pk)
    try:
        actions.withdraw(request=found, by=request.user, now=now())
    except actions.NotNow:
        messages.warning(request, _("This request was answered meanwhile. Nothing was done."))
    else:
        messages.success(request, _("Your request is withdrawn."))
    return redirect("my_data:home")


@audience(Role.TENANT)
@require_POST
def download(request: TenantRequest, pk: UUID) -> HttpResponseBase:
    """Hand the person their copy; asked again who is there (``PALIER_REAUTHENTICATE``)."""
    mine = RightsRequest.objects.of_user(request.user)
    found = get_object_or_404(PersonExport, pk=pk, request__in=mine)
    return archive(found, by=request.user, now=now())
