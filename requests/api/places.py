"""Whom and which place a caller may file for. What they may not see is reported as not existing."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request

from agencies.models import Dwelling, Residence, Staircase
from portal.access import Role
from tenants.models import Occupancy, Tenant

EVERYWHERE = frozenset({Role.HEAD_OFFICE, Role.CALL_TAKER, Role.ON_CALL})


def tenant_for(request: Request, given: UUID | None) -> Tenant | None:
    """Return the tenant that a claim is for: staff name one they see, a tenant files for themself.

    Raises ValidationError for an unseen one, PermissionDenied for an account without a home.
    """
    if not request.membership:
        own = getattr(request.user, "tenant", None)
        if own is None:
            raise PermissionDenied(_("Link your account to your home first."))
        if given and given != own.pk:
            raise ValidationError({"tenant": [_("You can only file for yourself.")]})
        return own
    if given is None:
        return None
    found = Tenant.objects.visible_to(request.membership).filter(pk=given).first()
    if found is None:
        raise ValidationError({"tenant": [_("There is no such tenant.")]})
    return found


def homes(request: Request) -> QuerySet:
    """Return the dwellings that a caller may file for."""
    membership = request.membership
    if membership and membership.role in EVERYWHERE:
        return Dwelling.objects.all()
    if membership:
        return Dwelling.objects.filter(staircase__building__residence__unit=membership.unit_id)
    stays = Occupancy.objects.of(tenant__user=request.user).in_force(timezone.localdate())
    return Dwelling.objects.filter(pk__in=stays.values("lease__dwelling"))


def place_for(request: Request, data: dict) -> dict:
    """Return the place given, checked; a tenant with one home need not name it.

    Raises ValidationError at the field of a place the caller does not see.
    """
    mine = homes(request)
    found = {
        "dwelling": mine,
        "staircase": Staircase.objects.filter(dwellings__in=mine),
        "residence": Residence.objects.filter(buildings__staircases__dwellings__in=mine),
    }
    if request.membership and request.membership.role in EVERYWHERE:
        found |= {"staircase": Staircase.objects.all(), "residence": Residence.objects.all()}
    for name, rows in found.items():
        if data.get(name):
            if not rows.filter(pk=data[name]).exists():
                raise ValidationError({name: [_("There is no such place.")]})
            return {name: data[name]}
    if not request.membership and not data["place_note"]:
        numbers = list(mine.values_list("pk", flat=True)[:2])
        if len(numbers) == 1:
            return {"dwelling": numbers[0]}
    return {}
