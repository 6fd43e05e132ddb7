"""Models of the claim, by what they record."""

from requests.models.attachment import Attachment
from requests.models.category import Category, CategoryVersion, Family
from requests.models.claim import Claim
from requests.models.event import ClaimEvent, Job, Message
from requests.models.routing import RoutingDecision
from requests.models.text import MessageText

__all__ = [
    "Attachment",
    "Category",
    "CategoryVersion",
    "Claim",
    "ClaimEvent",
    "Family",
    "Job",
    "Message",
    "MessageText",
    "RoutingDecision",
]
