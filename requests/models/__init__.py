"""Models of the claim, by what they record."""

from requests.models.attachment import Attachment
from requests.models.category import Category, Family
from requests.models.claim import Claim
from requests.models.event import ClaimEvent, Job, Message
from requests.models.inbox import Presence, SavedView
from requests.models.routing import RoutingDecision

__all__ = [
    "Attachment",
    "Category",
    "Claim",
    "ClaimEvent",
    "Family",
    "Job",
    "Message",
    "Presence",
    "RoutingDecision",
    "SavedView",
]
