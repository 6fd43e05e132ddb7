"""Step 4 of filing: how to reach the tenant."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.access import PUBLIC, audience
from requests.forms.public import AVAILABILITY, ReachForm
from requests.views import _draft
from requests.views.filing import _steps
from tenants.contacts import known_contact


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def reach(request: HttpRequest) -> HttpResponse:
    """Step 4: name, phone or e-mail, and when somebody is at home; prefilled when known."""
    draft = _draft.read(request)
    if request.method == "POST":
        form = ReachForm(request.POST)
        if form.is_valid():
            return _steps.done(request, "reach", **form.cleaned_data)
        halves = [
            half for half in request.POST.getlist("availability") if half in dict(AVAILABILITY)
        ]
        typed = _steps.typed(request, "name", "phone", "email")
        _draft.keep(request, availability=halves, **typed)
    else:
        form = ReachForm(initial={**known_contact(request.user), **draft})
    if _steps.category_of(draft) is None:
        return redirect("file_what")
    return _steps.page(request, "reach", {"form": form, "step": 4}, errors=bool(form.errors))
