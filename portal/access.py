"""Who may open which page: every view declares its audience, and the default is closed.

A view that declares nothing is refused by AudienceMiddleware, and the URL × role test fails.
"""

from collections.abc import Callable
from functools import wraps

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission


class Role(models.TextChoices):
    """The people of the product, as roles (docs/glossary.md)."""

    TENANT = "tenant", _("Tenant")
    CARETAKER = "caretaker", _("Caretaker")
    AGENT = "agent", _("Agency staff")
    AGENCY_MANAGER = "agency_manager", _("Agency manager")
    CALL_TAKER = "call_taker", _("Contact centre")
    ON_CALL = "on_call", _("On call")
    CONTRACTOR = "contractor", _("Contractor")
    HEAD_OFFICE = "head_office", _("Head office")
    TENANT_REPRESENTATIVE = "tenant_representative", _("Tenants' representative")
    ADMIN = "admin", _("Administrator")
    DPO = "dpo", _("Data-protection officer")


PUBLIC = "public"
DESK_ROLES = frozenset(
    {Role.AGENT, Role.AGENCY_MANAGER, Role.CALL_TAKER, Role.ON_CALL, Role.HEAD_OFFICE}
)


def audience(*roles: str) -> Callable:
    """Declare who may open a view: ``PUBLIC`` or any number of ``Role`` values.

    Signed-in people without the role get 403; anonymous ones go to the sign-in page.
    """

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def wrapped(*args, **kwargs):
            return view(*args, **kwargs)

        wrapped.audience = frozenset(roles)
        return wrapped

    return decorate


class Denied(BasePermission):
    """DRF's default here: an API view must name its own permission."""

    def has_permission(self, request, view) -> bool:
        return False
