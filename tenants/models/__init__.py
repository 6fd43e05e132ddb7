"""Models of the people who live in the stock."""

from tenants.models.access import AccessEnd, AccountLink
from tenants.models.changes import PersonChange, PointCode
from tenants.models.identity import ConsentCode, Distinct, IdentityMerge, Mandate
from tenants.models.link_attempts import LinkAttempt
from tenants.models.people import ContactPoint, Lease, Need, Occupancy, Tenant

__all__ = [
    "AccessEnd",
    "AccountLink",
    "ConsentCode",
    "ContactPoint",
    "Distinct",
    "IdentityMerge",
    "Lease",
    "LinkAttempt",
    "Mandate",
    "Need",
    "Occupancy",
    "PersonChange",
    "PointCode",
    "Tenant",
]
