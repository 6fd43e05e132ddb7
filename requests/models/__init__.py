"""Models of the claim, by what they record."""

from requests.models.attachment import Attachment
from requests.models.category import Category, CategoryVersion, Family
from requests.models.claim import Claim
from requests.models.draft import Draft
from requests.models.event import ClaimEvent, Job, Message
from requests.models.inbox import Presence, SavedView
from requests.models.promise import EscalationStep, Pause, Promise, PromiseTerm
from requests.models.routing import RoutingDecision
from requests.models.rule import Rule, RuleSwitch, RuleVersion
from requests.models.text import MessageText

__all__ = [
    "Attachment",
    "Category",
    "CategoryVersion",
    "Claim",
    "ClaimEvent",
    "EscalationStep",
    "Draft",
    "Family",
    "Job",
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
]
