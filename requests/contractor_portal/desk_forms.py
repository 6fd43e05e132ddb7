"""Forms of a contractor's office, for people who signed in."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.models import Sector
from requests.kit.fields import DayField
from requests.work_orders.slot_models import WeeklySlot
from requests.work_orders.spans import SPANS, span


class InviteForm(forms.Form):
    """Invite a colleague, who will sign in."""

    first_name = forms.CharField(
        label=_("First name"),
        max_length=80,
        error_messages={"required": _("Write the first name.")},
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=80, error_messages={"required": _("Write the last name.")}
    )
    email = forms.EmailField(
        label=_("Work e-mail"),
        max_length=254,
        error_messages={
            "required": _("Write the e-mail address."),
            "invalid": _("Write an e-mail address like name@company.example."),
        },
    )
    leads = forms.BooleanField(label=_("May invite and remove colleagues"), required=False)

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class WeekForm(forms.Form):
    """Add a span of the week in which a team can come."""

    days = forms.TypedMultipleChoiceField(
        label=_("Days"),
        coerce=int,
        choices=WeeklySlot.WEEKDAYS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one day.")},
    )
    starts = forms.TimeField(
        label=_("From"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"required": _("Give a time."), "invalid": _("Give a time.")},
    )
    ends = forms.TimeField(
        label=_("To"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"required": _("Give a time."), "invalid": _("Give a time.")},
    )
    minutes = forms.TypedChoiceField(
        label=_("A visit takes"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", _("the whole span, as a half-day")),
            (60, _("one hour")),
            (120, _("two hours")),
        ],
    )
    capacity = forms.IntegerField(
        label=_("Visits at a time"),
        min_value=1,
        max_value=9,
        initial=1,
        error_messages={"required": _("Give a number from 1 to 9.")},
    )
    team = forms.CharField(label=_("Team"), max_length=30, required=False)
    sectors = forms.ModelMultipleChoiceField(
        label=_("Sectors"),
        help_text=_("None chosen: everywhere."),
        queryset=Sector.objects.select_related("unit").order_by("unit__name", "name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["auto_id"] = "week_%s"
        super().__init__(*args, **kwargs)
        self.fields["sectors"].label_from_instance = lambda sector: f"{sector.unit} · {sector}"
        if not self.fields["sectors"].queryset.exists():
            del self.fields["sectors"]  # A landlord without sectors has nothing to choose.

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        starts, ends = data.get("starts"), data.get("ends")
        if starts and ends:
            length = timedelta(hours=ends.hour - starts.hour, minutes=ends.minute - starts.minute)
            if length < timedelta(minutes=data.get("minutes") or 30):
                self.add_error("ends", _("End later: no visit fits between these times."))
        return data


class AbsenceForm(forms.Form):
    """Add days on which nobody comes."""

    first_day = DayField(label=_("First day"), ask=_("Choose a day."))
    last_day = DayField(label=_("Last day"), ask=_("Choose a day."))
    reason = forms.CharField(label=_("Reason"), max_length=120, required=False)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        self.today = timezone.localdate(now)
        kwargs["auto_id"] = "absence_%s"
        super().__init__(*args, **kwargs)

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and not self.today <= first <= last <= first + timedelta(days=366):
            self.add_error("last_day", _("Choose days from today on, in order."))
        return data


class DatesForm(forms.Form):
    """Add single dates beyond the week."""

    day = DayField(label=_("Day"), ask=_("Choose a day."))
    spans = forms.MultipleChoiceField(
        label=_("Hours"),
        choices=[(name, label) for name, (_a, _b, label) in SPANS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one time.")},
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        self.today = timezone.localdate(now)
        kwargs["auto_id"] = "dates_%s"
        super().__init__(*args, **kwargs)

    def clean_day(self) -> date:
        day = self.cleaned_data["day"]
        if not self.today < day <= self.today + timedelta(days=120):
            raise forms.ValidationError(_("Choose a day after today, within four months."))
        return day

    def dates(self) -> list[tuple]:
        """Return the chosen spans as aware pairs."""
        return [span(self.cleaned_data["day"], name) for name in self.cleaned_data["spans"]]
