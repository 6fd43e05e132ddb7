"""The membership a signed-in person acts under, found once per HTTP request."""

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from agencies.models import Building, Membership
from portal.access import Role


def current_membership(request: HttpRequest) -> Membership | None:
    """The first membership in force today (Europe/Paris), or None for tenants and visitors."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    return in_force(user).first()


def in_force(user):
    """Memberships of ``user`` that have begun and not ended, oldest first."""
    today = timezone.localdate()
    return (
        Membership.objects.filter(user=user, starts__lte=today)
        .filter(Q(ends__isnull=True) | Q(ends__gte=today))
        .select_related("unit", "user")
        .order_by("id")
    )


def looked_after(membership: Membership | None) -> QuerySet[Building]:
    """The buildings of a caretaker: those of their sectors, or of the unit when they have none."""
    if membership is None or membership.role != Role.CARETAKER:
        return Building.objects.none()
    rows = Building.objects.filter(residence__unit=membership.unit_id)
    sectors = list(membership.sectors.values_list("pk", flat=True))
    if sectors:
        rows = rows.filter(residence__sector__in=sectors)
    return rows.select_related("residence").order_by("residence__name", "code")
