"""What boards of partners speak of: agencies and days of a company, places of tenants."""

from collections.abc import Iterable
from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import Residence, Unit
from requests.catalogue.models import Family
from requests.figures.cube import Span

YEAR = timedelta(days=364)
BEFORE = "before"


class CompanyForm(forms.Form):
    """How many days, and at which agency."""

    days = forms.ChoiceField(
        label=_("Period"),
        required=False,
        choices=[("365", _("12 months")), ("90", _("90 days")), ("30", _("30 days"))],
    )
    unit = forms.ChoiceField(label=_("Agency"), required=False)

    def __init__(self, *args, units: Iterable[Unit], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [
            ("", _("All agencies")),
            *((str(unit.pk), unit.name) for unit in units),
        ]

    def span(self, last: date) -> Span:
        """Return the days that are asked for, twelve months unless named."""
        data = self.cleaned_data if self.is_valid() else {}
        number = int(data.get("days") or 365)
        return Span(last - timedelta(days=number - 1), last)

    def chosen_unit(self) -> int | None:
        """Return the agency's key; None for all."""
        data = self.cleaned_data if self.is_valid() else {}
        return int(data["unit"]) if data.get("unit") else None


class ResidentsForm(forms.Form):
    """Which year, residence and family.

    Years follow each other: two spans that overlap would tell, by subtraction, what fewer than five
    households reported between them.
    """

    year = forms.ChoiceField(
        label=_("Period"),
        required=False,
        choices=[("", _("12 months")), (BEFORE, _("the 12 months before"))],
    )
    residence = forms.ChoiceField(label=_("Residence"), required=False)
    family = forms.ChoiceField(label=_("Family"), required=False)

    def __init__(
        self, *args, places: Iterable[Residence], families: Iterable[Family], **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["residence"].choices = [
            ("", _("All residences")),
            *((str(place.pk), place.name) for place in places),
        ]
        self.fields["family"].choices = [
            ("", _("All families")),
            *((family.code, str(family)) for family in families),
        ]

    def chosen(self, last: date) -> tuple[Span, int | None, str]:
        """Return the days, the residence's key (None: all) and the family's code ("": all)."""
        data = self.cleaned_data if self.is_valid() else {}
        end = last - YEAR - timedelta(days=1) if data.get("year") == BEFORE else last
        place = int(data["residence"]) if data.get("residence") else None
        return Span(end - YEAR, end), place, data.get("family", "")
