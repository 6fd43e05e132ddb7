"""Move somebody: another desk or sector at once, another unit or role once it is confirmed."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agencies import roles
from agencies.http_types import StaffRequest
from agencies.models import Membership
from portal.access import Role, audience
from portal.clock import now
from requests.console import holdings, invitations
from requests.console.people_forms import MoveForm
from requests.console.people_views import find


@audience(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def move(request: StaffRequest, pk: int) -> HttpResponse:
    """Change where somebody works, and as what."""
    member = find(pk)
    form = MoveForm(
        request.POST if request.method == "POST" else None,
        takers=holdings.takers(member, now()),
        initial={
            "role": member.role,
            "unit": member.unit_id,
            "desks": [seat.desk_id for seat in member.seats.all()],
            "sectors": [sector.pk for sector in member.sectors.all()],
            "contractor": member.contractor_id,
            "presence": member.presence,
            "ends": member.ends,
        },
    )
    if form.is_bound and form.is_valid() and (answer := _save(request, member, form)):
        return answer
    context = {"form": form, "person": member, "held": holdings.held_by(member, now())}
    return render(
        request, "requests/console/move.html", context, status=422 if form.errors else 200
    )


def _save(request: StaffRequest, member: Membership, form: MoveForm) -> HttpResponse | None:
    """Write the move; None when the form must be shown again with what is wrong."""
    data, moment = form.cleaned_data, now()
    today = timezone.localdate(moment)
    if data["ends"] and data["ends"] < today:
        form.add_error("ends", _("This day is over. Use “Leaves now” on the person’s page."))
        return None
    same = (data["unit"], data["role"]) == (member.unit, member.role)
    if same and not member.ended:
        _here(request, member, data)
        return redirect("console:person", member.pk)
    if member.user == request.user and member.role == Role.ADMIN:
        form.add_error("role", _("Somebody else must move you: you could lock yourself out."))
        return None
    try:
        new, _token = invitations.invite(
            email=member.user.email,
            first_name=member.user.first_name,
            last_name=member.user.last_name,
            role=data["role"],
            unit=data["unit"],
            desks=data["desks"],
            sectors=data.get("sectors") or [],
            contractor=data.get("contractor"),
            former=None if member.ended else member,
            by=request.user,
            now=moment,
        )
    except invitations.AlreadyThere:
        form.add_error("unit", _("This person has this role in this unit already."))
        return None
    if not member.ended:
        holdings.pass_on(member, data["taker"], now=moment)
    Membership.everything.filter(pk=new.pk).update(presence=data["presence"], ends=data["ends"])
    if new.pending:
        said = _("The new role waits until a second person confirms it; the former one ends then.")
        messages.warning(request, said)
    else:
        messages.success(request, _("Moved: the former role has ended."))
    return redirect("console:person", new.pk)


def _here(request: StaffRequest, member: Membership, data: dict) -> None:
    """Write what needs no second person: desks, sectors, last day, where tenants find them."""
    invitations.serve(member, desks=data["desks"], sectors=data.get("sectors") or [])
    fields = {"presence": data["presence"], "ends": data["ends"]}
    Membership.everything.filter(pk=member.pk).update(**fields)
    roles.note(member, request.user, "Changed")
    messages.success(request, _("Changed."))
