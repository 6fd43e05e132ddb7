"""Who may see which tenant: an agency the people of its stock, the contact centre everyone."""

from django.db import models

from portal.access import DESK_ROLES, Role
from portal.scope import ScopedManager


class TenantQuerySet(models.QuerySet):
    """Tenants narrowed to what a membership may see."""

    def visible_to(self, membership) -> "TenantQuerySet":
        """People who live or lived in the unit's stock; None and other roles see nobody."""
        if membership is None or membership.role not in DESK_ROLES:
            return self.none()
        if membership.role in {Role.HEAD_OFFICE, Role.CALL_TAKER, Role.ON_CALL}:
            return self.all()
        path = "occupancies__lease__dwelling__staircase__building__residence__unit"
        here = self.model.unscoped.filter(**{path: membership.unit_id})
        return self.filter(pk__in=here.values("pk"))


class TenantManager(ScopedManager):
    """The scopes a tenant may be asked for through."""

    rows = TenantQuerySet

    def visible_to(self, membership) -> TenantQuerySet:
        return self.unscoped_rows().visible_to(membership)
