"""Models of the claim, by what they record."""

from requests.models.appointment import Appointment, Offer, OfferOption, Slot
from requests.models.attachment import Attachment
from requests.models.category import Category, Family
from requests.models.claim import Claim
from requests.models.closing import ClosingStep, Feedback, Proof
from requests.models.event import ClaimEvent, Job, Message
from requests.models.incident import Incident, IncidentClaim
from requests.models.routing import RoutingDecision
from requests.models.work_order import (
    AccessView,
    OrderEvent,
    OrderLine,
    OrderLink,
    OrderPhoto,
    Variation,
    WorkOrder,
)

__all__ = [
    "AccessView",
    "Appointment",
    "Attachment",
    "Category",
    "Claim",
    "ClaimEvent",
    "ClosingStep",
    "Family",
    "Feedback",
    "Incident",
    "IncidentClaim",
    "Job",
    "Message",
    "Offer",
    "OfferOption",
    "OrderEvent",
    "OrderLine",
    "OrderLink",
    "OrderPhoto",
    "Proof",
    "RoutingDecision",
    "Slot",
    "Variation",
    "WorkOrder",
]
