"""Models of the claim, by what they record."""

from requests.models.attachment import Attachment
from requests.models.category import Category, Family
from requests.models.claim import Claim
from requests.models.draft import Draft
from requests.models.event import ClaimEvent, Job, Message
from requests.models.promise import EscalationStep, Pause, Promise, PromiseTerm
from requests.models.routing import RoutingDecision
from requests.models.rule import Rule, RuleSwitch, RuleVersion
from requests.models.suggestion import Suggestion, SuggestionModel, SuggestionSwitch

__all__ = [
    "Attachment",
    "Category",
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
    "RoutingDecision",
    "Rule",
    "RuleSwitch",
    "RuleVersion",
    "Suggestion",
    "SuggestionModel",
    "SuggestionSwitch",
]
