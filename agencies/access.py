"""The membership a signed-in person acts under, found once per HTTP request."""

from django.contrib.auth.backends import BaseBackend
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from agencies.models import Building, Membership
from portal.access import Role
from portal.models import User
from portal.session_store import opened_of


def current_membership(request: HttpRequest) -> Membership | None:
    """Return the first membership in force today (Europe/Paris); None for tenants and visitors."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    opened = opened_of(request)
    if opened is not None and opened.user is not None and opened.user.pk == user.pk:
        return opened.membership
    return memberships_of(user).first()


def memberships_of(user):
    """Return memberships of ``user`` that have begun and not ended, oldest first."""
    today = timezone.localdate()
    return (
        Membership.objects.filter(user=user, starts__lte=today)
        .filter(Q(ends__isnull=True) | Q(ends__gte=today))
        .select_related("unit", "user", "contractor")
        .order_by("id")
    )


def is_employee(address: str) -> bool:
    """Return whether an e-mail address is an employee's.

    Anybody can write an address: it is never believed.
    """
    user = User.objects.filter(email__iexact=address).first() if "@" in address else None
    return user is not None and memberships_of(user).exists()


class AdministratorBackend(BaseBackend):
    """Opens the settings to members: the administrator changes them, the data-protection
    officer reads them. Only for accounts marked "may open the settings"."""

    APPS = frozenset({"agencies", "tenants", "requests", "portal", "mfa", "admin"})

    def has_perm(self, user_obj, perm: str, obj=None) -> bool:
        app, _dot, action = perm.partition(".")
        if app not in self.APPS:
            return False
        roles = self._roles(user_obj)
        return Role.ADMIN in roles or (Role.DPO in roles and action.startswith("view_"))

    def has_module_perms(self, user_obj, app_label: str) -> bool:
        return app_label in self.APPS and bool(self._roles(user_obj) & {Role.ADMIN, Role.DPO})

    def _roles(self, user) -> set[str]:
        if not (user.is_active and user.is_staff):
            return set()
        if not hasattr(user, "_settings_roles"):  # one query for the many questions of a page
            user._settings_roles = set(memberships_of(user).values_list("role", flat=True))
        return user._settings_roles


def caretaker_buildings(membership: Membership | None) -> QuerySet[Building]:
    """Return the buildings of a caretaker.

    Those of their sectors, or of the unit without sectors.
    """
    if membership is None or membership.role != Role.CARETAKER:
        return Building.objects.none()
    rows = Building.objects.filter(residence__unit=membership.unit_id)
    sectors = list(membership.sectors.values_list("pk", flat=True))
    if sectors:
        rows = rows.filter(residence__sector__in=sectors)
    return rows.select_related("residence").order_by("residence__name", "code")


def in_own_buildings(membership: Membership, path: str = "") -> Q:
    """Return the condition for what is placed in a caretaker's buildings.

    ``path`` leads to the columns ``building`` and ``residence``; what has no building concerns
    each one of its residence.
    """
    own = caretaker_buildings(membership).order_by()
    whole = {f"{path}building": None, f"{path}residence__in": own.values("residence")}
    return Q(**{f"{path}building__in": own}) | Q(**whole)


EVERYWHERE = {Role.HEAD_OFFICE, Role.CALL_TAKER, Role.ON_CALL}


def filter_by_stock(rows, membership, path: str):
    """Narrow ``rows`` to the stock of the member's unit; ``path`` leads to the residence's unit."""
    return rows if membership.role in EVERYWHERE else rows.filter(**{path: membership.unit_id})
