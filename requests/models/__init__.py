"""Models of the claim, by what they record."""

from requests.models.attachment import Attachment
from requests.models.category import Category, Family
from requests.models.claim import Claim
from requests.models.event import ClaimEvent, Job, Message
from requests.models.figures import Annotation, FigureView
from requests.models.routing import RoutingDecision

__all__ = [
    "Annotation",
    "Attachment",
    "Category",
    "Claim",
    "ClaimEvent",
    "Family",
    "FigureView",
    "Job",
    "Message",
    "RoutingDecision",
]
