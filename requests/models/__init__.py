"""Models of the claim, by what they record."""

from requests.attachments.models import Attachment
from requests.audit.models import EmergencyOpening, ListView, RecordView
from requests.catalogue.models import Category, CategoryVersion, Family
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.link_models import EndedLink
from requests.claims.models import Claim
from requests.closing.models import ClosingStep, Feedback, Proof
from requests.complaints.models import Complaint, ComplaintStage, FormalNotice, Route
from requests.console.models import CategoryDraft, StaffInvitation
from requests.conversation.models import CannedReply, Mention
from requests.equipment.models import EquipmentCorrection
from requests.figures.fact_models import (
    Fact,
    FigureClock,
    PublishedTable,
    Rollup,
    StockCount,
    TouchedClaim,
)
from requests.figures.models import Annotation, Digest, FigureView, SavedBoard
from requests.filing.models import Draft
from requests.identity.double_models import DoubleCheck, DoublePair
from requests.inbound.invitation_models import Invitation
from requests.inbound.missed_call_models import CallAttempt, MissedCall
from requests.inbox.models import ListDisplay, Presence, SavedView
from requests.incidents.models import Incident, IncidentClaim
from requests.jobs.models import Job
from requests.labels.models import ClaimLabel, Label
from requests.letters.models import Letter, LetterBatch, Scan, ScanFile, ScanPage
from requests.notifications.models import Delivery, FailingAddress, MutedAddress
from requests.notifications.text_models import MessageText
from requests.open311.models import Open311Key
from requests.planned_works.models import PlannedNotice, PlannedWorks
from requests.privacy.models import (
    Erasure,
    Hold,
    PersonExport,
    RetentionRule,
    RetentionRun,
    RightsRequest,
    RightsStep,
)
from requests.promises.models import (
    EscalationStep,
    EscalationTold,
    Pause,
    Promise,
    PromiseTerm,
)
from requests.reporting.models import ExportRun, ScheduledExport
from requests.routing.decision_models import RoutingDecision
from requests.routing.models import Rule, RuleCount, RuleSwitch, RuleVersion
from requests.sensors.models import Reading, Sensor, SensorFault, SensorSwitch
from requests.stock_insight.models import EquipmentWarning, WarningList
from requests.stock_map.models import MapBackground
from requests.suggestions.models import Suggestion, SuggestionModel, SuggestionSwitch
from requests.surveys.models import (
    Survey,
    SurveyAnswer,
    SurveyInvitation,
    SurveyMark,
    SurveyQuestion,
    SurveyRefusal,
)
from requests.teamwork.assignment_models import Charge
from requests.teamwork.attention_models import MailChoice, Snooze, Watch
from requests.teamwork.models import Help, LentClaim, Seat, Sharing
from requests.webhooks.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from requests.work_orders.appointment_models import (
    Appointment,
    Offer,
    OfferOption,
    Slot,
)
from requests.work_orders.models import (
    AccessView,
    OrderEvent,
    OrderLine,
    OrderLink,
    OrderPhoto,
    Variation,
    WorkOrder,
)
from requests.work_orders.slot_models import Unavailability, WeeklySlot

__all__ = [
    "Survey",
    "SurveyAnswer",
    "SurveyInvitation",
    "SurveyMark",
    "SurveyQuestion",
    "SurveyRefusal",
    "CategoryDraft",
    "StaffInvitation",
    "Erasure",
    "Hold",
    "PersonExport",
    "RetentionRule",
    "RetentionRun",
    "RightsRequest",
    "RightsStep",
    "Unavailability",
    "WeeklySlot",
    "AccessView",
    "EmergencyOpening",
    "RecordView",
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
    "ClaimLabel",
    "Complaint",
    "ComplaintStage",
    "EndedLink",
    "EquipmentCorrection",
    "EscalationStep",
    "EscalationTold",
    "FormalNotice",
    "Help",
    "LentClaim",
    "ListDisplay",
    "Route",
    "Seat",
    "Sharing",
    "Digest",
    "Draft",
    "Delivery",
    "Fact",
    "DoubleCheck",
    "DoublePair",
    "FailingAddress",
    "Family",
    "Intake",
    "Invitation",
    "ClosingStep",
    "Family",
    "Feedback",
    "Incident",
    "IncidentClaim",
    "FigureClock",
    "FigureView",
    "EquipmentWarning",
    "ExportRun",
    "ScheduledExport",
    "Job",
    "Label",
    "Letter",
    "LetterBatch",
    "ListView",
    "Mailbox",
    "MailChoice",
    "MapBackground",
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
    "PublishedTable",
    "Rollup",
    "RoutingDecision",
    "Rule",
    "RuleCount",
    "RuleSwitch",
    "RuleVersion",
    "Presence",
    "RoutingDecision",
    "Reading",
    "SavedBoard",
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
    "Snooze",
    "Variation",
    "WarningList",
    "Watch",
    "WebhookAttempt",
    "WebhookEndpoint",
    "WebhookMessage",
    "WorkOrder",
    "StockCount",
    "Suggestion",
    "SuggestionModel",
    "SuggestionSwitch",
    "TouchedClaim",
]
