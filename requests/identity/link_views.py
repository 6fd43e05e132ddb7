"""The page "It was not me": end an account's link to one's record, from the notice of it."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.http_types import PublicRequest
from portal.access import PUBLIC, audience
from portal.clock import now
from requests.identity.account_links import masked
from tenants.actions import account_link
from tenants.models import AccountLink


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def end_link(request: PublicRequest, token: str) -> HttpResponse:
    """Ask before it ends: mail scanners open links. Names nobody."""
    rows = AccountLink.objects.opened_by(token=token).filter(linked_at__isnull=False)
    link = rows.select_related("tenant", "user").first()
    if link is None:
        raise Http404
    if request.method == "POST":
        account_link.end(link=link, why=AccountLink.Ended.NOT_ME, now=now())
        return redirect("end_link", token=token)
    page = {"link": link, "account": masked(link.user.email)}
    return render(request, "requests/identity/end_link.html", page)
