"""Routing: give a claim its desk by rules that agencies write, and store the reason."""

from requests.routing.conditions import RuleFailure
from requests.routing.decide import Decision, Rule, decide
from requests.routing.routing_input import RoutingInput

__all__ = ["Decision", "RoutingInput", "Rule", "RuleFailure", "decide"]
