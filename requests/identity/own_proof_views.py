"""The page on which whoever wrote says who they are; reached by the private link of a request."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.http_types import PublicRequest
from portal.access import PUBLIC, audience
from portal.clock import now
from requests.claims import links
from requests.identity import own_proof
from requests.identity.forms import BillForm
from tenants.actions import account_link


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def say_who(request: PublicRequest, token: str) -> HttpResponse:
    """Ask for the code on the bill and the name on it. Names nobody, and no place."""
    claim = links.find(token, now(), "category")
    if not own_proof.may_prove(claim):
        if request.method == "POST":
            return redirect("follow", token=token)
        raise Http404
    form = BillForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            known = own_proof.prove(claim=claim, now=now(), **form.cleaned_data)
        except account_link.NoMatch:
            form.add_error("code", _("Code and name do not match. Copy them from your bill."))
        else:
            said = _("Thank you: now we know who you are.")
            later = _("Thank you. We check it, and you have nothing more to do.")
            messages.success(request, said if known else later)
            return redirect("follow", token=token)
    page = {"form": form, "claim": claim, "token": token}
    status = 422 if form.errors else 200
    return render(request, "requests/identity/say_who.html", page, status=status)
