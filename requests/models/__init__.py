"""Models of the claim, by what they record."""

from requests.models.appointment import Appointment, Offer, OfferOption, Slot
from requests.models.attachment import Attachment
from requests.models.category import Category, CategoryVersion, Family
from requests.models.charge import Charge
from requests.models.claim import Claim
from requests.models.closing import ClosingStep, Feedback, Proof
from requests.models.complaint import Complaint, ComplaintStage, FormalNotice, Route
from requests.models.correction import EquipmentCorrection
from requests.models.delivery import Delivery, FailingAddress
from requests.models.draft import Draft
from requests.models.event import ClaimEvent, Job, Message
from requests.models.figures import Annotation, FigureView
from requests.models.inbox import Presence, SavedView
from requests.models.incident import Incident, IncidentClaim
from requests.models.intake import Intake
from requests.models.mailbox import Mailbox
from requests.models.promise import EscalationStep, EscalationTold, Pause, Promise, PromiseTerm
from requests.models.routing import RoutingDecision
from requests.models.rule import Rule, RuleSwitch, RuleVersion
from requests.models.sharing import Help, LentClaim, Seat, Sharing
from requests.models.suggestion import Suggestion, SuggestionModel, SuggestionSwitch
from requests.models.text import MessageText
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
    "Annotation",
    "Attachment",
    "Category",
    "CategoryVersion",
    "Charge",
    "Claim",
    "ClaimEvent",
    "Complaint",
    "ComplaintStage",
    "EquipmentCorrection",
    "EscalationStep",
    "EscalationTold",
    "FormalNotice",
    "Help",
    "LentClaim",
    "Route",
    "Seat",
    "Sharing",
    "Draft",
    "Delivery",
    "FailingAddress",
    "Family",
    "Intake",
    "ClosingStep",
    "Family",
    "Feedback",
    "Incident",
    "IncidentClaim",
    "FigureView",
    "Job",
    "Mailbox",
    "Message",
    "Pause",
    "Promise",
    "PromiseTerm",
    "MessageText",
    "RoutingDecision",
    "Rule",
    "RuleSwitch",
    "RuleVersion",
    "Presence",
    "RoutingDecision",
    "SavedView",
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
    "Suggestion",
    "SuggestionModel",
    "SuggestionSwitch",
]
