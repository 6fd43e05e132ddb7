"""Models of the claim, by what they record."""

from requests.models.appointment import Appointment, Offer, OfferOption, Slot
from requests.models.attachment import Attachment
from requests.models.availability import Unavailability, WeeklySlot
from requests.models.category import Category, CategoryVersion, Family
from requests.models.charge import Charge
from requests.models.claim import Claim
from requests.models.closing import ClosingStep, Feedback, Proof
from requests.models.complaint import Complaint, ComplaintStage, FormalNotice, Route
from requests.models.correction import EquipmentCorrection
from requests.models.delivery import Delivery, FailingAddress, MutedAddress
from requests.models.draft import Draft
from requests.models.event import ClaimEvent, Message
from requests.models.figures import Annotation, FigureView
from requests.models.inbox import Presence, SavedView
from requests.models.incident import Incident, IncidentClaim
from requests.models.intake import Intake
from requests.models.invitation import Invitation
from requests.models.job import Job
from requests.models.letter import Letter, LetterBatch, Scan, ScanFile, ScanPage
from requests.models.mailbox import Mailbox
from requests.models.missed_call import CallAttempt, MissedCall
from requests.models.open311 import Open311Key
from requests.models.planned import PlannedNotice, PlannedWorks
from requests.models.promise import EscalationStep, EscalationTold, Pause, Promise, PromiseTerm
from requests.models.routing import RoutingDecision
from requests.models.rule import Rule, RuleSwitch, RuleVersion
from requests.models.sensor import Reading, Sensor, SensorFault, SensorSwitch
from requests.models.sharing import Help, LentClaim, Seat, Sharing
from requests.models.suggestion import Suggestion, SuggestionModel, SuggestionSwitch
from requests.models.talk import CannedReply, Mention
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
    "Unavailability",
    "WeeklySlot",
    "AccessView",
    "Appointment",
    "Annotation",
    "Attachment",
    "CallAttempt",
    "CannedReply",
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
    "Invitation",
    "ClosingStep",
    "Family",
    "Feedback",
    "Incident",
    "IncidentClaim",
    "FigureView",
    "Job",
    "Letter",
    "LetterBatch",
    "Mailbox",
    "Mention",
    "Message",
    "MissedCall",
    "MutedAddress",
    "Pause",
    "PlannedNotice",
    "PlannedWorks",
    "Promise",
    "PromiseTerm",
    "MessageText",
    "RoutingDecision",
    "Rule",
    "RuleSwitch",
    "RuleVersion",
    "Presence",
    "RoutingDecision",
    "Reading",
    "SavedView",
    "Scan",
    "ScanFile",
    "ScanPage",
    "Sensor",
    "SensorFault",
    "SensorSwitch",
    "Offer",
    "OfferOption",
    "Open311Key",
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
