"""What came with a claim, as it came: its files, and mails with their layout."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from agencies.http_types import StaffRequest
from portal.access import DESK_ROLES, audience
from requests.attachments import responses
from requests.attachments.models import Attachment
from requests.channels.mail.html import sanitise
from requests.claims.lookup import visible_claim
from requests.claims.models import Claim


@audience(*DESK_ROLES)
@require_GET
def file(request: StaffRequest, pk: UUID) -> HttpResponseBase:
    """Return a photo or document, through the claim it came with."""
    claims = Claim.objects.visible_to(request.membership)
    found = Attachment.objects.of(claim__in=claims).filter(pk=pk).first()
    if found is None:
        raise Http404
    return responses.serve(found, small="small" in request.GET, wanted=request.headers.get("Range"))


@audience(*DESK_ROLES)
@require_GET
def mail(request: StaffRequest, pk: UUID, message: UUID) -> HttpResponse:
    """Show a mail with its layout, made harmless when it was read (docs/principles.md, M13)."""
    found = visible_claim(request, pk)
    entry = get_object_or_404(found.messages.select_related("intake"), pk=message)
    came = getattr(entry, "intake", None)
    if came is None or not came.html:
        raise Http404
    # Sanitise again: the rules may have become stricter since it arrived.
    context = {"claim": found, "entry": entry, "html": sanitise(came.html), "text": came.text}
    return render(request, "requests/inbox/mail.html", context)
