"""Put labels on a claim, or take them off."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agencies.http_types import StaffRequest
from portal.access import DESK_ROLES, audience
from portal.actor import Actor
from portal.clock import now
from requests.claims.lookup import visible_claim
from requests.claims.transitions import Conflict
from requests.inbox.claim_page import page
from requests.inbox.list_page import confirm_done
from requests.inbox.views import redirect_back
from requests.labels.actions import NothingToChange, change
from requests.labels.forms import LabelsForm
from requests.labels.panel import LABELS


@audience(*DESK_ROLES)
@require_POST
def labels(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Give the claim just the labels that are ticked."""
    claim = visible_claim(request, pk)
    form = LabelsForm(request.POST, claim=claim)
    if not form.is_valid():
        return page(request, claim, panel=LABELS, form=form, status=422)
    put, take = form.changes()
    try:
        event = change(
            claim=claim,
            put=put,
            take=take,
            actor=Actor.member(request.membership),
            now=now(),
            version=form.cleaned_data["version"],
        )
    except NothingToChange:
        return redirect_back(request, claim)
    except Conflict:
        said = _("This claim changed while you were reading. Nothing was done.")
        claim.refresh_from_db()
        return page(request, claim, panel=LABELS, form=form, conflict=said, status=409)
    confirm_done(request, _("Labels kept."), event)
    return redirect_back(request, claim)
