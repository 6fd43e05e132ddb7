"""Models of the claim, by what they record."""

from requests.models.attachment import Attachment
from requests.models.category import Category, Family
from requests.models.claim import Claim
from requests.models.delivery import Delivery, FailingAddress
from requests.models.event import ClaimEvent, Job, Message
from requests.models.intake import Intake
from requests.models.mailbox import Mailbox
from requests.models.routing import RoutingDecision

__all__ = [
    "Attachment",
    "Category",
    "Claim",
    "ClaimEvent",
    "Delivery",
    "FailingAddress",
    "Family",
    "Intake",
    "Job",
    "Mailbox",
    "Message",
    "RoutingDecision",
]
