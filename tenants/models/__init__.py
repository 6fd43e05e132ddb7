"""Models of the people who live in the stock."""

from tenants.models.linking import LinkAttempt
from tenants.models.people import ContactPoint, Lease, Need, Occupancy, Tenant

__all__ = ["ContactPoint", "Lease", "LinkAttempt", "Need", "Occupancy", "Tenant"]
