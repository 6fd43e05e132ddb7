"""Who takes a step or causes an event. Every action that writes one takes an ``actor``."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from portal.access import STAFF_ROLES, Role

if TYPE_CHECKING:
    from django.http import HttpRequest

    from portal.models import User

SYSTEM, PROXY = "system", "proxy"


@dataclass(frozen=True)
class Actor:
    """Who acts, in which role, and for whom.

    ``role`` is a ``Role``, ``SYSTEM`` or ``PROXY``. ``user`` is the account, when one is known.
    ``membership`` is set for whoever acts under one, ``mandate`` for a tenant's proxy.
    """

    role: str
    user: "User | None" = None
    membership: Any = None
    mandate: Any = None

    SYSTEM: ClassVar["Actor"]
    TENANT: ClassVar["Actor"]
    CONTRACTOR: ClassVar["Actor"]

    @classmethod
    def member(cls, membership) -> "Actor":
        """Return a person who acts under a membership: staff, or a contractor's own login."""
        return cls(membership.role, membership.user, membership=membership)

    @classmethod
    def tenant(cls, user=None) -> "Actor":
        """Return the tenant. ``user``: their account, or the person who wrote down their words."""
        return cls(Role.TENANT, user)

    @classmethod
    def contractor(cls, user=None) -> "Actor":
        """Return the contractor, by default as whoever holds the link of the order."""
        return cls(Role.CONTRACTOR, user)

    @classmethod
    def proxy(cls, user, mandate) -> "Actor":
        """Return a person who acts for a tenant under ``mandate``."""
        return cls(PROXY, user, mandate=mandate)

    @classmethod
    def system(cls, user=None) -> "Actor":
        """Return the system. ``user``: whose act, written elsewhere, it follows."""
        return cls(SYSTEM, user)

    @classmethod
    def of(cls, request: "HttpRequest") -> "Actor":
        """Return who sends ``request``: a member under their membership, else a tenant."""
        if request.membership:
            return cls.member(request.membership)
        return cls.tenant(request.user if request.user.is_authenticated else None)

    @property
    def is_staff(self) -> bool:
        """Whether one of the landlord's own people acts."""
        return self.role in STAFF_ROLES

    def as_tenant(self) -> "Actor":
        """Return the same person where the act is the tenant's own: said through them."""
        return Actor.tenant(self.user)

    def as_system(self) -> "Actor":
        """Return the system, where it only follows what this person did elsewhere."""
        return Actor.system(self.user)


Actor.SYSTEM, Actor.TENANT = Actor.system(), Actor.tenant()
Actor.CONTRACTOR = Actor.contractor()
