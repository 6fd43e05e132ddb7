"""Effects: what other slices do when a claim takes a step, without the claim importing them.

A slice above subclasses ``Effect``; ``requests/wiring.py`` lists the effects in the order in which
they run and installs them when Django starts. All run in the transaction of the step.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.actor import Actor
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim


@dataclass(frozen=True)
class Step:
    """One step of a claim: its name, its actor, its moment (aware) and the facts of its event.

    The row of ``claim`` is locked.
    """

    claim: Claim
    name: str
    actor: Actor
    now: datetime
    facts: dict[str, Any] = field(default_factory=dict)


class Effect:
    """Base class of effects; each method does nothing unless a subclass overrides it."""

    def before_first_step(self, claim: Claim, now: datetime) -> None:
        """Do what must come before any step, on a claim that no worker has routed yet."""

    def check(self, step: Step) -> None:
        """Refuse the step before anything is written, by raising ``workflow.NotAllowed``."""

    def after_step(self, step: Step) -> None:
        """Write what follows from the step; the claim already has its new state."""

    def after_routing(self, claim: Claim, now: datetime) -> None:
        """Write what follows from the first decision on where the claim goes."""

    def link_renewed(self, claim: Claim, now: datetime) -> None:
        """End the other links to the claim, because its permanent one was renewed."""

    def revert(self, event: ClaimEvent) -> None:
        """Delete what ``after_step`` wrote for ``event``, because a person undoes the event."""


_installed: tuple[Effect, ...] = ()


def install(effects: Iterable[Effect]) -> None:
    """Replace the installed effects by ``effects``, which run in this order."""
    global _installed
    _installed = tuple(effects)


def before_first_step(claim: Claim, now: datetime) -> None:
    """Run what must come before any step of the claim, whose row is locked."""
    for effect in _installed:
        effect.before_first_step(claim, now)


def check_step(step: Step) -> None:
    """Ask every effect whether the step may be taken. Raises ``workflow.NotAllowed``."""
    for effect in _installed:
        effect.check(step)


def after_step(step: Step) -> None:
    """Run the effects of the step."""
    for effect in _installed:
        effect.after_step(step)


def after_routing(claim: Claim, now: datetime) -> None:
    """Run the effects of the first routing of a claim at ``now`` (aware)."""
    for effect in _installed:
        effect.after_routing(claim, now)


def link_renewed(claim: Claim, now: datetime) -> None:
    """Tell every effect that the permanent link of the claim was renewed."""
    for effect in _installed:
        effect.link_renewed(claim, now)


def revert(event: ClaimEvent) -> None:
    """Delete what every effect wrote for ``event``."""
    for effect in _installed:
        effect.revert(event)
