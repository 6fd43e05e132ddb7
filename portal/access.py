"""Who may open which page: every view declares its audience, and the default is closed.

A view that declares nothing is refused by AudienceMiddleware, and the URL × role test fails.
"""

from collections.abc import Callable
from functools import wraps

from django.db import models
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission

from portal import form_keys


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
    TENANT_REPRESENTATIVE = "tenant_representative", _("Tenants’ representative")
    ADMIN = "admin", _("Administrator")
    DPO = "dpo", _("Data-protection officer")


PUBLIC = "public"
DESK_ROLES = frozenset(
    {Role.AGENT, Role.AGENCY_MANAGER, Role.CALL_TAKER, Role.ON_CALL, Role.HEAD_OFFICE}
)
# The landlord's own people.
STAFF_ROLES = DESK_ROLES | {Role.CARETAKER, Role.ADMIN, Role.DPO}


# Those who get a role from the landlord, in the order of its console.
MEMBER_ROLES = (
    Role.AGENT,
    Role.AGENCY_MANAGER,
    Role.CALL_TAKER,
    Role.ON_CALL,
    Role.CARETAKER,
    Role.HEAD_OFFICE,
    Role.ADMIN,
    Role.DPO,
    Role.CONTRACTOR,
    Role.TENANT_REPRESENTATIVE,
)

# Who sends forms over bad networks, from pages without a version of what they change.
SENDERS = frozenset({PUBLIC, Role.TENANT})


def audience(*roles: str, repeat: str = "") -> Callable:
    """Declare who may open a view: ``PUBLIC`` or any number of ``Role`` values.

    For a function or an API class. Signed-in people without the role get 403; anonymous ones go
    to the sign-in page, or get 401 from the API. What visitors and tenants post is done once
    (portal/form_keys.py), unless ``repeat`` says why sending it again does no harm.
    """

    def decorate(view: Callable) -> Callable:
        if isinstance(view, type):
            view.audience = frozenset(roles)
            return view

        @wraps(view)
        def wrapped(request, *args, **kwargs):
            if wrapped.once and request.method == "POST":
                return form_keys.answer_once(view, request, args, kwargs)
            return view(request, *args, **kwargs)

        wrapped.audience = frozenset(roles)
        wrapped.repeat = repeat
        wrapped.once = bool(SENDERS & wrapped.audience) and not repeat
        return wrapped

    return decorate


def audience_of(view: Callable) -> frozenset[str] | None:
    """Return the audience that a URL's callable or its class declared; None without declaration."""
    owner = getattr(view, "cls", None) or getattr(view, "view_class", None)
    return getattr(view, "audience", None) or getattr(owner, "audience", None)


def may_open(allowed: frozenset[str], user, membership) -> bool:
    """Return whether ``user`` is in an audience; ``membership`` is None for a tenant."""
    if PUBLIC in allowed:
        return True
    if not user.is_authenticated:
        return False
    if membership:
        return membership.role in allowed
    return Role.TENANT in allowed


class AudiencePermission(BasePermission):
    """DRF's default permission here.

    The class's audience, checked once the API knows the caller.
    """

    def has_permission(self, request, view) -> bool:
        allowed = getattr(view, "audience", None)
        if allowed is None:
            return False
        find = import_string("agencies.access.current_membership")
        # Find it again: the middleware knew the session only, and a token may have signed in.
        request.membership = request._request.membership = find(request)
        return may_open(allowed, request.user, request.membership)
