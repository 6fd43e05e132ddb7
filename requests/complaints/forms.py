"""Forms of complaints: the tenant's words, a formal notice with its dates, the list's filters."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.models import Unit
from requests.complaints.models import FormalNotice
from requests.kit.choices import Channel
from requests.kit.fields import DayInput

MONTHS = 24  # most that a letter may be dated back
CHANNELS = [Channel.LETTER, Channel.EMAIL, Channel.COUNTER, Channel.PHONE]


class ComplainForm(forms.Form):
    """What was wrong with the service, in the tenant's words."""

    words = forms.CharField(
        label=_("What was wrong, and what would settle it?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write in a few words what was wrong.")},
    )


class StaffComplainForm(ComplainForm):
    """A complaint that staff write down, with the channel it came by."""

    channel = forms.ChoiceField(
        label=_("How it reached us"), choices=[(c.value, c.label) for c in CHANNELS]
    )


def _day(label, missing=None) -> forms.DateField:
    """Return a date field; ``missing`` is its error when empty, None makes it optional."""
    errors = {"invalid": _("Give a date.")}
    return forms.DateField(
        label=label,
        required=missing is not None,
        widget=DayInput(),
        error_messages=errors | ({"required": missing} if missing else {}),
    )


class FormalNoticeForm(forms.Form):
    """A formal notice with the dates that start its deadline."""

    kind = forms.ChoiceField(label=_("What was received"), choices=FormalNotice.Kind.choices)
    dated = _day(_("Date of the letter"), _("Give the date of the letter."))
    received = _day(_("Received"), _("Give the day it was received."))
    answer_by = _day(_("Answer demanded by"))
    channel = forms.ChoiceField(
        label=_("How it reached us"), choices=[(c.value, c.label) for c in CHANNELS[:3]]
    )
    words = forms.CharField(
        label=_("What is demanded"),
        max_length=500,
        error_messages={"required": _("Write in a few words what is demanded.")},
    )

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        today = timezone.localdate()
        dated, received = data.get("dated"), data.get("received")
        if received and received > today:
            self.add_error("received", _("This day is still to come."))
        if dated and received and dated > received:
            self.add_error("dated", _("A letter is written before it is received."))
        if dated and dated < date(today.year - MONTHS // 12, 1, 1):
            self.add_error("dated", _("This date is too long ago."))
        if data.get("answer_by") and received and data["answer_by"] < received:
            self.add_error("answer_by", _("This day comes before the letter was received."))
        return data


class ComplaintFilters(forms.Form):
    """The filters of the list. Unknown values are ignored."""

    stage = forms.ChoiceField(
        label=_("Stage"), required=False, choices=[("", _("all")), ("1", "1"), ("2", "2")]
    )
    where = forms.ChoiceField(
        label=_("Answer"),
        required=False,
        choices=[
            ("", _("all")),
            ("waiting", _("Still to give")),
            ("late", _("Late")),
            ("given", _("Given")),
        ],
    )
    unit: "forms.ModelChoiceField[Unit]" = forms.ModelChoiceField(
        label=_("Unit"), required=False, queryset=None, empty_label=_("all"), to_field_name="code"
    )

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units
