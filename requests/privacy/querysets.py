"""Who may see which request of a person about their data."""

from django.db import models

from portal.access import DESK_ROLES, Role
from portal.scope import ScopedManager
from tenants.models import Tenant


class RightsRequestQuerySet(models.QuerySet):
    """Requests narrowed to what a membership or a person may see."""

    def visible_to(self, membership) -> "RightsRequestQuerySet":
        """Return all for the data-protection officer; to a desk, those of the people it sees."""
        if membership is None:
            return self.none()
        if membership.role == Role.DPO:
            return self.all()
        if membership.role in DESK_ROLES:
            return self.filter(tenant__in=Tenant.objects.visible_to(membership))
        return self.none()

    def of_user(self, user) -> "RightsRequestQuerySet":
        """Return the person's own."""
        return self.filter(tenant__user=user, tenant__merged_into__isnull=True)

    def waiting(self) -> "RightsRequestQuerySet":
        """Return those without an answer."""
        return self.filter(state="received")


class RightsRequestManager(ScopedManager[RightsRequestQuerySet]):
    """The scopes they may be asked for through."""

    rows = RightsRequestQuerySet

    def visible_to(self, membership) -> RightsRequestQuerySet:
        return self.unscoped_rows().visible_to(membership)

    def of_user(self, user) -> RightsRequestQuerySet:
        return self.unscoped_rows().of_user(user)
