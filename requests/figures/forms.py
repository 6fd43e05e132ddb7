"""Forms of figures: period and family, and an agency's annotation."""

from datetime import date, datetime

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from requests.figures.models import Annotation
from requests.figures.period import Period
from requests.kit.fields import DayField

LAST = {30: _("30 days"), 90: _("90 days"), 365: _("12 months")}
OWN = "own"
USUAL = 90


class FiguresForm(forms.Form):
    """Period and family. The default is 90 days and all families."""

    days = forms.ChoiceField(
        label=_("Period"),
        required=False,
        choices=[*((str(n), label) for n, label in LAST.items()), (OWN, _("From … to …"))],
    )
    since = DayField(label=_("From"), required=False, ask=_("Give the first day."))
    until = DayField(label=_("To"), required=False, ask=_("Give the last day."))
    family = forms.ChoiceField(label=_("Family"), required=False)

    def __init__(self, *args, families, today: date, **kwargs) -> None:
        """Take ``families`` (Family rows) and ``today`` (the local day)."""
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["family"].choices = [("", _("All families"))] + [
            (family.code, str(family)) for family in families
        ]

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
            if since and since > self.today:
                self.add_error("since", _("This day is still to come."))
        return data

    def chosen(self, now: datetime) -> dict:
        """Return period, labels, family and query string; use the default period on errors."""
        data = self.cleaned_data if self.is_valid() else {}
        query = {"family": data.get("family", "")}
        if data.get("days") == OWN:
            period = Period.between(data["since"], data["until"])
            query |= {
                "days": OWN,
                "since": data["since"].isoformat(),
                "until": data["until"].isoformat(),
            }
        else:
            days = int(data.get("days") or USUAL)
            period = Period.last(days, now)
            query["days"] = str(days)
        return {
            "period": period,
            "days": LAST.get(int(query["days"])) if query["days"] != OWN else "",
            "since": data.get("since"),
            "until": data.get("until"),
            "family": query["family"],
            "query": {name: value for name, value in query.items() if value},
        }


class AnnotationForm(forms.Form):
    """A unit's explanation of one of its figures."""

    figure = forms.ChoiceField(label=_("About"), choices=Annotation.Figure.choices)
    text = forms.CharField(
        label=_("What the agency says"),
        max_length=140,
        help_text=_("Head office reads it beside the figure. No one’s name, no one’s health."),
        error_messages={"required": _("Write what explains the figure.")},
    )


def today(now: datetime) -> date:
    """Return the local day of ``now``."""
    return timezone.localdate(now)
