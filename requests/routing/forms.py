"""The form of a rule: every condition is optional, the outcome is one choice."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import Desk, Residence, Sector, Trade, Unit
from portal.database.together import ask_together
from requests.catalogue.models import Category, Family
from requests.kit.choices import Channel, Urgency
from requests.routing.conditions import FIELDS
from requests.routing.decide import BY_CATEGORY
from requests.routing.house_proposals import HOUSE, HOUSE_STEPS
from requests.routing.models import Rule
from requests.routing.sentences import outcome_key
from tenants.models import Need

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Label

OPEN = [("open", _("open")), ("closed", _("closed"))]
ASSETS = [
    ("dwelling", _("a dwelling")),
    ("common", _("common parts")),
    ("building", _("a building")),
    ("residence", _("a residence")),
]
KIND = Desk.Kind
IN_AGENCY = (KIND.CLIENTELE, KIND.TECHNICAL, KIND.CARETAKERS)


TIMED = frozenset({"order"})
WORDED = frozenset({"answer", "photo"})
TITLES = {
    "family": _("Family"),
    "category": _("Subject"),
    "urgency": _("Urgency"),
    "channel": _("Channel"),
    "asset": _("What it concerns"),
    "sector": _("Sector"),
    "residence": _("Residence"),
    "needs": _("Needs of the tenant"),
    "unit_open": _("Agency open or closed"),
}


def proposals(known: Iterable[Trade] | None = None) -> list["tuple[str, Label]"]:
    """Return the steps that a rule may propose; a person always accepts or changes them.

    ``known``: all trades, where they were read already.
    """
    trades: list[tuple[str, Label]] = [
        (f"propose:order:{trade.code}", _("an order to the contractor for %s") % trade)
        for trade in (Trade.objects.all() if known is None else known)
    ]
    desks: list[tuple[str, Label]] = [
        (f"propose:hand_over:{kind.value}", _("a hand-over to: %s") % kind.label) for kind in KIND
    ]
    return [
        ("propose:order", _("an order to the contractor of the contract")),
        *trades,
        ("propose:visit", _("a visit of ours")),
        ("propose:answer", _("the answer written below")),
        ("propose:photo", _("to ask for a photo")),
        *desks,
        *((f"propose:{HOUSE}:{name}", label) for name, label in HOUSE_STEPS.items()),
    ]


def outcomes(unit: Unit | None) -> list["tuple[str, Label]"]:
    """Return the desks a rule may choose: an agency's own ones; for the landlord, all."""
    found: list[tuple[str, Label]] = [
        (f"agency:{BY_CATEGORY}", _("the agency’s desk for this subject"))
    ]
    found += [(f"agency:{kind.value}", kind.label) for kind in IN_AGENCY]
    if unit is None:
        found.append((f"head_office:{BY_CATEGORY}", _("head office’s desk for this subject")))
        found += [
            (f"head_office:{kind.value}", kind.label) for kind in KIND if kind not in IN_AGENCY
        ]
    return found


def labels(unit: Unit | None) -> dict[str, dict[Any, Any]]:
    """Return the label of every value by fact, for sentences; one statement."""
    residences = Residence.objects.filter(unit=unit) if unit else Residence.objects.all()
    sectors = Sector.objects.filter(unit=unit) if unit else Sector.objects.all()
    families, categories, of_units, of_residences, trades = ask_together(
        Family.objects.all(),
        # What a sentence calls them, and no more: there are hundreds.
        Category.objects.only("code", "label_fr", "label_en"),
        sectors,
        residences.only("name"),
        Trade.objects.all(),
    )
    return {
        "family": {f.code: str(f) for f in families},
        "category": {c.code: str(c) for c in categories},
        "urgency": {u.value: f"{u.value} ({u.label})" for u in Urgency},
        "channel": dict(Channel.choices),
        "asset": dict(ASSETS),
        "sector": {s.pk: str(s) for s in of_units},
        "residence": {r.pk: str(r) for r in of_residences},
        "needs": dict(Need.Code.choices),
        "unit_open": {True: _("open"), False: _("closed")},
        "outcome": dict([*outcomes(None), *proposals(trades)]),
    }


class RuleForm(forms.Form):
    """Name, conditions and outcome; ``version`` detects that the rule changed meanwhile."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(
        label=_("Name of the rule"),
        max_length=80,
        help_text=_("Shown wherever the rule acts. For example: Water, urgent"),
        error_messages={"required": _("Give the rule a name.")},
    )
    outcome = forms.ChoiceField(
        label=_("What the rule does"),
        error_messages={"required": _("Say what the rule does.")},
    )
    within = forms.IntegerField(
        label=_("Within how many hours"),
        required=False,
        min_value=1,
        max_value=999,
        help_text=_("For an order. 24 hours are one working day, except emergencies."),
    )
    text = forms.CharField(
        label=_("Text to the tenant"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For an answer or a question. The person who accepts reads it first."),
    )

    def __init__(
        self,
        *args: Any,
        unit: Unit | None,
        words: dict[str, dict[Any, Any]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit
        words = words or labels(unit)
        outcome = self.fields["outcome"]
        assert isinstance(outcome, forms.ChoiceField)
        outcome.choices = [
            ("", "—"),
            (_("The request goes to"), outcomes(unit)),
            (_("We propose, a person decides"), proposals()),
        ]
        for name in FIELDS:
            self.fields[f"when_{name}"] = forms.MultipleChoiceField(
                label=TITLES[name],
                required=False,
                choices=[(self._code(name, v), w) for v, w in words[name].items()],
                widget=forms.SelectMultiple(attrs={"size": 8})
                if len(words[name]) > 12
                else forms.CheckboxSelectMultiple,
            )

    @staticmethod
    def _code(name: str, value: Any) -> str:
        """Return the form's value for the rule's value of the fact ``name``."""
        return {True: "open", False: "closed"}[value] if name == "unit_open" else str(value)

    @classmethod
    def initial_of(cls, rule: Rule) -> dict[str, Any]:
        """Return the initial values of the form for an existing rule."""
        found: dict[str, Any] = {
            "version": rule.version,
            "name": rule.name,
            "outcome": outcome_key(rule.outcome),
        }
        found |= {name: rule.outcome.get(name, "") for name in ("within", "text")}
        for name, values in rule.conditions.items():
            found[f"when_{name}"] = [cls._code(name, value) for value in values]
        return found

    def conditions(self) -> dict[str, list]:
        """Return the chosen conditions, with keys as numbers and ``unit_open`` as booleans."""
        found: dict[str, list[Any]] = {}
        for name in FIELDS:
            given = self.cleaned_data.get(f"when_{name}")
            if not given:
                continue
            if name in {"sector", "residence"}:
                found[name] = [int(value) for value in given]
            elif name == "unit_open":
                found[name] = [value == "open" for value in given]
            else:
                found[name] = given
        return found

    def clean(self) -> dict[str, Any]:
        """Return the data; refuse a proposed answer without its text."""
        data = super().clean() or {}
        if data.get("outcome") == "propose:answer" and not data.get("text"):
            self.add_error("text", _("Write the answer that the rule proposes."))
        return data

    def goal(self) -> dict[str, Any]:
        """Return the outcome to store; ``within`` (hours) and ``text`` only where they apply."""
        first, rest, *more = self.cleaned_data["outcome"].split(":")
        if first != "propose":
            return {"unit": first, "desk": rest}
        goal = {"propose": rest, "with": more[0] if more else ""}
        if rest in TIMED and self.cleaned_data["within"]:
            goal["within"] = self.cleaned_data["within"]
        if rest in WORDED and self.cleaned_data["text"]:
            goal["text"] = self.cleaned_data["text"]
        return goal

    def groups(self) -> list[dict[str, Any]]:
        """Return the conditions as disclosures, open when they have a value."""
        return [
            {"field": self[f"when_{name}"], "open": bool(self[f"when_{name}"].value())}
            for name in FIELDS
        ]
