"""Forms of figures: what a board speaks of, an agency's words, and a board to keep."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import Unit
from requests.catalogue.models import Family
from requests.figures.cube import Span
from requests.figures.fact_models import By
from requests.figures.models import Annotation
from requests.kit.choices import Channel
from requests.kit.fields import DayField

LAST = {30: _("30 days"), 90: _("90 days"), 365: _("12 months")}
OWN = "own"
USUAL = 90
FILTERS = ("unit", "family", "channel", "neighbourhood")


@dataclass(frozen=True)
class Choice:
    """What a board speaks of. ``units`` None: every unit. ``query`` asks for the same again."""

    span: Span
    label: str = ""
    unit: Unit | None = None
    units: tuple[int, ...] | None = None
    family: str = ""
    channel: str = ""
    neighbourhood: str = ""
    compare: bool = False
    query: dict[str, str] = field(default_factory=dict)

    def where(self) -> dict:
        """Return the arguments of an ``Ask`` that narrow it to units and a neighbourhood."""
        return {"units": self.units, "neighbourhood": self.neighbourhood}

    def base(self) -> dict:
        """Return the arguments of an ``Ask`` that leaves no filter out."""
        if self.family and self.channel:
            named = {"by": By.BOTH, "one": (self.family,), "two": (self.channel,)}
        elif self.family or self.channel:
            by = By.FAMILY if self.family else By.CHANNEL
            named = {"by": by, "one": (self.family or self.channel,)}
        else:
            named = {"by": By.UNIT}
        return {**self.where(), **named}

    def per_channel(self) -> tuple[dict, str]:
        """Return the arguments of an ``Ask`` by channel, and the column that holds the channel."""
        if self.family:
            return {"by": By.BOTH, "one": (self.family,), **self.where()}, "two"
        return {"by": By.CHANNEL, **self.where()}, "one"

    def per_family(self) -> dict:
        """Return the arguments of an ``Ask`` by family, which column one holds."""
        if self.channel:
            return {"by": By.BOTH, "two": (self.channel,), **self.where()}
        return {"by": By.FAMILY, **self.where()}

    def without(self, *names: str) -> "Choice":
        """Return this choice without some of its filters, for addresses."""
        left = {name: value for name, value in self.query.items() if name not in names}
        return replace(self, query=left)

    def asking(self, **more: object) -> str:
        """Return the query string of this choice, changed by ``more``."""
        given = {**self.query, **{name: str(value) for name, value in more.items() if value != ""}}
        return urlencode({name: value for name, value in given.items() if value})


class FiguresForm(forms.Form):
    """Period, agency, family, channel, neighbourhood, comparison; empty: 90 days of everything."""

    days = forms.ChoiceField(
        label=_("Period"),
        required=False,
        choices=[*((str(n), label) for n, label in LAST.items()), (OWN, _("From … to …"))],
    )
    since = DayField(label=_("From"), required=False, ask=_("Give the first day."))
    until = DayField(label=_("To"), required=False, ask=_("Give the last day."))
    unit = forms.ChoiceField(label=_("Agency"), required=False)
    family = forms.ChoiceField(label=_("Family"), required=False)
    channel = forms.ChoiceField(
        label=_("Channel"), required=False, choices=[("", _("All channels")), *Channel.choices]
    )
    neighbourhood = forms.ChoiceField(label=_("Neighbourhood"), required=False)
    compare = forms.BooleanField(label=_("Last year beside"), required=False)

    def __init__(
        self,
        *args,
        families: Iterable[Family],
        units: Iterable[Unit],
        neighbourhoods: Iterable[str],
        last: date,
        **kwargs,
    ) -> None:
        """Take the last day, and what to choose from; nothing: no such choice."""
        super().__init__(*args, **kwargs)
        self.last = last
        if self.is_bound and not (self.data.get("days") or self.data.get("since")):
            # An address may name another filter alone: the period shown is the one that counts.
            self.data = {**{name: self.data[name] for name in self.data}, "days": str(USUAL)}
        self.units = {unit.code: unit for unit in units}
        self.fields["family"].choices = [
            ("", _("All families")),
            *((family.code, str(family)) for family in families),
        ]
        if self.units:
            self.fields["unit"].choices = [
                ("", _("All agencies")),
                *((code, unit.name) for code, unit in self.units.items()),
            ]
        else:
            del self.fields["unit"]
        if named := [(name, name) for name in neighbourhoods]:
            self.fields["neighbourhood"].choices = [("", _("All neighbourhoods")), *named]
        else:
            del self.fields["neighbourhood"]

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        since, until = data.get("since"), data.get("until")
        if data.get("days") == OWN or (since and until and not data.get("days")):
            data["days"] = OWN
            for name, text in (
                ("since", _("Give the first day.")),
                ("until", _("Give the last day.")),
            ):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, text)
            if since and until and since > until:
                self.add_error("until", _("The last day comes before the first."))
            if since and since > self.last:
                self.add_error("since", _("There are no figures of this day yet."))
        return data

    def chosen(self) -> Choice:
        """Return what was chosen; the usual choice on errors."""
        data = self.cleaned_data if self.is_valid() else {}
        query = {name: data.get(name) or "" for name in FILTERS}
        query["compare"] = "on" if data.get("compare") else ""
        if data.get("days") == OWN:
            span = Span(data["since"], min(data["until"], self.last))
            query |= {"days": OWN, "since": str(data["since"]), "until": str(data["until"])}
            label = ""
        else:
            number = int(data.get("days") or USUAL)
            span = Span(self.last - timedelta(days=number - 1), self.last)
            query["days"], label = str(number), str(LAST[number])
        unit = self.units.get(query["unit"])
        return Choice(
            span=span,
            label=label,
            unit=unit,
            units=(unit.pk,) if unit else None,
            family=query["family"],
            channel=query["channel"],
            neighbourhood=query["neighbourhood"],
            compare=bool(query["compare"]),
            query={name: value for name, value in query.items() if value},
        )


class AnnotationForm(forms.Form):
    """A unit's explanation of one of its figures."""

    figure = forms.ChoiceField(label=_("About"), choices=Annotation.Figure.choices)
    text = forms.CharField(
        label=_("What the agency says"),
        max_length=140,
        help_text=_("Head office reads it beside the figure. No one’s name, no one’s health."),
        error_messages={"required": _("Write what explains the figure.")},
    )


class KeepForm(forms.Form):
    """A board to find again: its name."""

    name = forms.CharField(
        label=_("Keep this board under the name"),
        max_length=60,
        error_messages={"required": _("Give the board a name.")},
    )
