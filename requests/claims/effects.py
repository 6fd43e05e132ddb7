"""What follows from a step of a claim, without the claim knowing its consequences.

A slice above subclasses ``Effect``; ``requests/wiring.py`` lists the effects once, in the order in
which they run, and installs them when Django starts. All run in the transaction of the step.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from portal.actor import Actor
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim


@dataclass(frozen=True)
class Step:
    """One step that a claim takes: its name, who takes it, when (aware), with which facts.

    ``claim`` is locked.
    """

    claim: Claim
    name: str
    actor: Actor
    now: datetime
    facts: dict = field(default_factory=dict)


class Effect:
    """A consequence of steps; every method may be left as it is."""

    def check(self, step: Step) -> None:
        """Refuse the step before anything is written, by raising ``workflow.NotAllowed``."""

    def after(self, step: Step) -> None:
        """Write what follows from the step; the state is already the new one."""

    def routed(self, claim: Claim, now: datetime) -> None:
        """Write what follows from the first decision on where the claim goes."""

    def revert(self, event: ClaimEvent) -> None:
        """Take back what ``after`` wrote for ``event``, which a person undoes."""


_installed: tuple[Effect, ...] = ()


def install(effects: Iterable[Effect]) -> None:
    """Set the effects of every step, in their order; replaces those installed before."""
    global _installed
    _installed = tuple(effects)


def check(step: Step) -> None:
    """Ask every effect whether the step may be taken. Raises ``workflow.NotAllowed``."""
    for effect in _installed:
        effect.check(step)


def after(step: Step) -> None:
    """Run what follows from the step."""
    for effect in _installed:
        effect.after(step)


def routed(claim: Claim, now: datetime) -> None:
    """Run what follows from the first routing of a claim at ``now`` (aware)."""
    for effect in _installed:
        effect.routed(claim, now)


def revert(event: ClaimEvent) -> None:
    """Take back what followed from ``event``."""
    for effect in _installed:
        effect.revert(event)
