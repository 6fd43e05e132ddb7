"""Ordered rules with a mandatory default: the first that matches decides and is named."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from agencies.models.organisation import Desk
from requests.choices import Urgency

KIND = Desk.Kind
EMERGENCIES = {Urgency.U0, Urgency.U1}
HEAD_OFFICE = {
    "hq_patrimoine": KIND.STOCK,
    "hq_gestion_locative": KIND.RENT,
    "hq_recouvrement": KIND.ARREARS,
    "hq_social": KIND.SOCIAL,
    "hq_legal": KIND.LEGAL,
    "hq_attribution": KIND.ALLOCATION,
}
AGENCY = {
    "agency_technical": KIND.TECHNICAL,
    "contractor_direct": KIND.TECHNICAL,
    "oncall_contractor": KIND.TECHNICAL,
    "emergency_then_oncall": KIND.TECHNICAL,
    "agency_guardian": KIND.CARETAKERS,
    "agency_clientele": KIND.CLIENTELE,
    "crc": KIND.CLIENTELE,
}


@dataclass(frozen=True)
class Facts:
    """What routing may look at; stored with the decision."""

    category: str
    urgency: str
    handled_by: str
    unit: str | None
    unit_open: bool

    def as_dict(self) -> dict:
        return asdict(self)


@dataclass(frozen=True)
class Decision:
    """``unit`` None means head office. ``rule`` names why."""

    unit: str | None
    desk: str
    rule: str
    version: int = 1


@dataclass(frozen=True)
class Rule:
    name: str
    matches: Callable[[Facts], bool]
    act: Callable[[Facts], Decision]


RULES = (
    Rule(
        "emergency_when_closed",
        lambda f: f.urgency in EMERGENCIES and not f.unit_open,
        lambda f: Decision(None, KIND.ON_CALL, "emergency_when_closed"),
    ),
    Rule(
        "head_office_matter",
        lambda f: f.handled_by in HEAD_OFFICE,
        lambda f: Decision(None, HEAD_OFFICE[f.handled_by], "head_office_matter"),
    ),
    Rule(
        "unknown_place",
        lambda f: f.unit is None,
        lambda f: Decision(None, KIND.CONTACT_CENTRE, "unknown_place"),
    ),
    Rule(
        "agency_of_the_dwelling",
        lambda f: f.handled_by in AGENCY,
        lambda f: Decision(f.unit, AGENCY[f.handled_by], "agency_of_the_dwelling"),
    ),
)


def decide(facts: Facts, rules: tuple[Rule, ...] = RULES) -> Decision:
    """The first matching rule's decision; otherwise the agency's tenancy desk."""
    for rule in rules:
        if rule.matches(facts):
            return rule.act(facts)
    return Decision(facts.unit, KIND.CLIENTELE, "default")
