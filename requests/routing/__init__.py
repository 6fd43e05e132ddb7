"""Routing rules, pure: facts in, decision with its reason out. Never touches the database."""

from requests.routing.decide import Decision, Facts, decide

__all__ = ["Decision", "Facts", "decide"]
