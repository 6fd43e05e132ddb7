"""Routing rules, pure: facts and rows in, decision with its reason out. No query is made here."""

from requests.routing.conditions import RuleFailure
from requests.routing.decide import Decision, Rule, decide
from requests.routing.facts import Facts

__all__ = ["Decision", "Facts", "Rule", "RuleFailure", "decide"]
