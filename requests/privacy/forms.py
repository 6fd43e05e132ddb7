"""Forms of data protection: what the tenant asks, what staff log, what the officer decides."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from requests.kit.fields import DayField
from requests.privacy.models import Hold, RightsRequest

Kind, Channel = RightsRequest.Kind, RightsRequest.Channel
CHOOSE = _("Choose one.")
WHY = _("Write why.")


class AskForm(forms.Form):
    """What a tenant asks about their data on their own page."""

    kind = forms.ChoiceField(
        label=_("What do you ask?"),
        choices=Kind,
        widget=forms.RadioSelect,
        error_messages={"required": CHOOSE},
    )
    words = forms.CharField(
        label=_("In your words"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For a correction: what is wrong, and what is right."),
    )


class LogForm(AskForm):
    """What a person asked by letter, at the counter or by phone, as staff log it."""

    channel = forms.ChoiceField(
        label=_("How it came"),
        choices=[row for row in Channel.choices if row[0] != Channel.PAGE],
        error_messages={"required": CHOOSE},
    )
    received_on = DayField(label=_("Day of receipt"), ask=_("Choose a day."))
    field_order = ("kind", "channel", "received_on", "words")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].label = _("What is asked")
        self.fields["words"].label = _("In the person’s words")

    def clean_received_on(self):
        day = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day


class ExtendForm(forms.Form):
    """Why an answer takes longer; the person reads it."""

    reason = forms.CharField(
        label=_("Why it takes longer"),
        max_length=500,
        help_text=_("The person is told so in these words."),
        error_messages={"required": WHY},
    )


class AnswerForm(forms.Form):
    """The answer, or the refusal with its reason."""

    granted = forms.ChoiceField(
        label=_("Answer"),
        choices=[("yes", _("done")), ("no", _("refused"))],
        widget=forms.RadioSelect,
        error_messages={"required": CHOOSE},
    )
    text = forms.CharField(
        label=_("What the person reads"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write what was done, or why not.")},
    )


class NoteForm(forms.Form):
    """A note that the person does not read in the answer."""

    text = forms.CharField(
        label=_("Note"), max_length=1000, error_messages={"required": _("Write the note.")}
    )


class CopyForm(forms.Form):
    """What goes into a person's copy."""

    with_notes = forms.BooleanField(
        label=_("With the staff’s notes: I read them, they say nothing of other people"),
        required=False,
    )


class EraseForm(forms.Form):
    """That the officer is sure: an erasure cannot be undone."""

    sure = forms.BooleanField(
        label=_("I checked who asks; this cannot be undone"),
        error_messages={"required": _("Tick that you checked it.")},
    )


class HoldForm(forms.Form):
    """Why a person's data must stay."""

    kind = forms.ChoiceField(label=_("Why"), choices=Hold.Kind)
    reason = forms.CharField(
        label=_("In a few words"),
        max_length=300,
        help_text=_("For example: case number of the court."),
        error_messages={"required": WHY},
    )


class RuleForm(forms.Form):
    """How long one kind of data stays."""

    months = forms.IntegerField(
        label=_("Months"),
        min_value=1,
        max_value=600,
        widget=forms.NumberInput(attrs={"class": "input--short"}),
        error_messages={
            "required": _("Give a number of months."),
            "invalid": _("Give a number of months."),
        },
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say where the duration comes from.")},
    )
    active = forms.BooleanField(label=_("In force: erase every night"), required=False)
