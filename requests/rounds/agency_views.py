"""What caretakers found on their rounds, for a person to decide: reopen work, correct records."""

import uuid

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import StaffRequest
from agencies.models import Equipment, Membership
from portal.access import DESK_ROLES, Role, audience
from portal.actor import Actor
from portal.clock import now
from requests.attachments.models import Attachment
from requests.attachments.responses import serve
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.equipment import corrections
from requests.equipment.models import EquipmentCorrection
from requests.kit.choices import Channel
from requests.rounds import queries as rounds
from requests.rounds.actions import NothingToCheck
from requests.rounds.actions import decide_check as decide

ALL_UNITS = {Role.HEAD_OFFICE, Role.CALL_TAKER, Role.ON_CALL}


def _corrections(membership: Membership) -> QuerySet[EquipmentCorrection]:
    """Return the open proposals about the unit's stock; members who serve every agency get all."""
    rows = EquipmentCorrection.objects.filter(accepted__isnull=True)
    if membership.role not in ALL_UNITS:
        rows = rows.filter(equipment__building__residence__unit=membership.unit_id)
    return rows.select_related("equipment__building__residence", "author")


@audience(*DESK_ROLES)
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """Show both lists, each line with its two buttons."""
    claims = rounds.claims_found_unfinished(request.membership).select_related(
        "category", "staircase"
    )
    found = []
    for claim in claims.order_by("filed_at")[:50]:
        check = claim.events.filter(name=Event.NOT_VERIFIED).select_related("actor").last()
        if check is None:
            continue
        note = claim.messages.filter(pk=check.facts.get("message")).first()
        photos = claim.attachments.filter(channel=Channel.ROUND, at__gte=check.at)
        found.append({"claim": claim, "check": check, "note": note, "photos": photos})
    label = {
        name: getattr(Equipment._meta.get_field(name), "verbose_name", name)
        for name in EquipmentCorrection.FIELDS
    }
    mends = [
        {
            "row": row,
            "lines": [(label[name], row.was.get(name), row.becomes[name]) for name in row.becomes],
        }
        for row in _corrections(request.membership)[:50]
    ]
    return render(request, "requests/rounds/agency.html", {"found": found, "mends": mends})


@audience(*DESK_ROLES)
@require_POST
def decide_check(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Reopen the claim, or keep it as finished."""
    claim = get_object_or_404(Claim.objects.visible_to(request.membership), pk=pk)
    reopen = request.POST.get("way") == "reopen"
    try:
        decide(claim=claim, reopen=reopen, actor=Actor.member(request.membership), now=now())
    except NothingToCheck:
        messages.warning(request, _("Somebody decided meanwhile. Nothing was changed."))
    else:
        said = _("Reopened. The tenant is told.") if reopen else _("Kept as finished.")
        messages.success(request, said)
    return redirect("agency_rounds:index")


@audience(*DESK_ROLES)
@require_POST
def decide_correction(request: StaffRequest, pk: int) -> HttpResponse:
    """Apply the correction to the record, or leave the record as it is."""
    row = get_object_or_404(_corrections(request.membership), pk=pk)
    accept = request.POST.get("way") == "accept"
    try:
        corrections.decide(correction=row, accept=accept, by=request.user, now=now())
    except corrections.RecordChanged:
        messages.warning(request, _("The record changed meanwhile. Nothing was written."))
    else:
        messages.success(request, _("Record corrected.") if accept else _("Left as it was."))
    return redirect("agency_rounds:index")


@audience(*DESK_ROLES)
@require_GET
def photo(request: StaffRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Return a photo of a check, if its claim is visible."""
    claims = Claim.objects.visible_to(request.membership)
    photos = Attachment.objects.of(claim__in=claims).filter(channel=Channel.ROUND)
    return serve(get_object_or_404(photos, pk=pk), small="small" in request.GET)
