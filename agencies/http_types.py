"""Requests of HTTP as views receive them, with what the middleware has set.

Annotate a view with the class of its audience (``portal.access.audience``):
``def page(request: StaffRequest, pk: int) -> HttpResponse``. The classes exist for the type
checker; at run time the object is Django's ``WSGIRequest``. DRF's requests are not among them.
"""

from agencies.models import Membership
from portal.http_types import PortalRequest, SignedInRequest


class PublicRequest(PortalRequest):
    """A request that anybody may send: ``PUBLIC``; ``membership`` is None for tenants, visitors."""

    membership: Membership | None


class AccountRequest(SignedInRequest):
    """A request of a signed-in person of any role; ``membership`` is None for a tenant."""

    membership: Membership | None


class StaffRequest(SignedInRequest):
    """A request of a member of the landlord: any of ``STAFF_ROLES``."""

    membership: Membership


class ContractorRequest(SignedInRequest):
    """A request of a member of a contractor: ``Role.CONTRACTOR``."""

    membership: Membership


class TenantRequest(SignedInRequest):
    """A request of a tenant: ``Role.TENANT``, who has no membership."""

    membership: None
