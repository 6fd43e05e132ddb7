"""Give a claim its desk by rules that agencies write; keep the decision with its reason."""

from requests.routing.conditions import RuleFailure
from requests.routing.decide import Decision, Rule, decide
from requests.routing.facts import Facts

__all__ = ["Decision", "Facts", "Rule", "RuleFailure", "decide"]
