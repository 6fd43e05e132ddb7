"""The officer's pages of the register and of retention."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agencies import landlord
from agencies.http_types import StaffRequest
from agencies.models import Membership
from portal.access import Role, audience
from portal.clock import now
from requests.privacy import register, retention
from requests.privacy.forms import RuleForm
from requests.privacy.models import RetentionRun
from requests.privacy.retention_kinds import KINDS

RUNS = 30


@audience(Role.DPO)
@never_cache
@require_GET
def processing(request: StaffRequest) -> HttpResponse:
    """Show the register of processing, to read and to print."""
    today = timezone.localdate()
    officers = Membership.objects.filter(
        Q(ends__isnull=True) | Q(ends__gte=today), role=Role.DPO, starts__lte=today, pending=False
    ).select_related("user")
    page = {
        "entries": register.entries(),
        "moment": now(),
        "landlord": landlord.current(),
        "officers": officers,
    }
    return render(request, "requests/privacy/register.html", page)


@audience(Role.DPO)
@never_cache
@require_GET
def rules(request: StaffRequest) -> HttpResponse:
    """Show every rule, the dry run of the one asked for, and the last runs."""
    return _page(request, try_out=request.GET.get("try", ""))


def _page(
    request: StaffRequest, *, try_out: str = "", bound: RuleForm | None = None, status: int = 200
) -> HttpResponse:
    rows = []
    for kind, rule in retention.rules():
        first = {"months": rule.months, "source": rule.source, "active": rule.active}
        form = RuleForm(initial=first, auto_id=f"{kind.code}_%s")
        rows.append(
            {
                "kind": kind,
                "rule": rule,
                "form": bound if bound and bound.auto_id == f"{kind.code}_%s" else form,
                "dry": retention.dry_run(kind.code, rule.months, now())
                if try_out == kind.code
                else None,
            }
        )
    runs = RetentionRun.objects.all()[:RUNS]
    for run in runs:
        run.label = KINDS[run.kind].label if run.kind in KINDS else run.kind
    page = {"rows": rows, "runs": runs, "form": bound}
    return render(request, "requests/privacy/retention.html", page, status=status)


@audience(Role.DPO)
@require_POST
def change(request: StaffRequest, code: str) -> HttpResponse:
    """Write the officer's decision on one kind of data, then show what it would do."""
    if code not in KINDS:
        raise Http404
    form = RuleForm(request.POST, auto_id=f"{code}_%s")
    if not form.is_valid():
        return _page(request, bound=form, status=422)
    retention.change(code=code, by=request.user, now=now(), **form.cleaned_data)
    messages.success(request, _("The rule is written."))
    return redirect(f"{reverse('privacy:retention')}?try={code}#{code}")
