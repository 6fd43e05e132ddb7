"""Step 4 of filing: how to reach the tenant."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.http_types import PublicRequest
from portal.access import PUBLIC, audience
from requests.catalogue.kinds import Kind
from requests.filing import drafts
from requests.tenant_pages.filing import steps
from requests.tenant_pages.forms import AVAILABILITY, ReachForm
from tenants.contacts import known_contact


@audience(PUBLIC, repeat="the draft keeps the same answer")
@never_cache
@require_http_methods(["GET", "POST"])
def reach(request: PublicRequest) -> HttpResponse:
    """Show step 4: name, phone or e-mail, and when somebody is at home; prefilled when known."""
    draft = drafts.read(request)
    category = steps.category_of(draft)
    visits = category is not None and category.kind == Kind.FAULT
    if request.method == "POST":
        form = ReachForm(request.POST, visits=visits)
        if form.is_valid():
            return steps.finish_step(request, "reach", **{"availability": [], **form.cleaned_data})
        halves = [
            half for half in request.POST.getlist("availability") if half in dict(AVAILABILITY)
        ]
        typed = steps.typed_values(request, "name", "phone", "email")
        drafts.keep(request, availability=halves, **typed)
    else:
        form = ReachForm(initial={**known_contact(request.user), **draft}, visits=visits)
    if category is None:
        return redirect("file_what")
    return steps.page(request, "reach", {"form": form, "step": 4}, errors=bool(form.errors))
