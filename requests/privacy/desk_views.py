"""What a desk logs for a person who asks by letter, at the counter or by phone."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.http_types import StaffRequest
from portal.access import DESK_ROLES, audience
from portal.clock import now
from portal.dates import full_day
from requests.privacy import actions
from requests.privacy.forms import LogForm
from requests.privacy.models import RightsRequest
from tenants.models import Tenant


@audience(*DESK_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def log(request: StaffRequest, tenant: UUID) -> HttpResponse:
    """Log what a person asks about their data; show what they asked before and its state."""
    found = get_object_or_404(Tenant.objects.visible_to(request.membership), pk=tenant)
    form = LogForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = actions.ask(tenant=found, by=request.user, now=now(), **form.cleaned_data)
        day = full_day(made.due_on)
        text = _("Logged. The data-protection officer answers by %(day)s.") % {"day": day}
        messages.success(request, text)
        return redirect("privacy:log", tenant=tenant)
    page = {
        "tenant": found,
        "form": form,
        "asked": RightsRequest.objects.visible_to(request.membership)
        .filter(tenant=found)
        .order_by("-received_on"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "requests/privacy/log.html", page, status=status)
