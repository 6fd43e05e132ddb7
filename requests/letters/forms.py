"""Forms of letters: days, registered numbers, scanned files."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from requests.kit.fields import DayInput
from requests.letters.layout import BadNumber, clean_number
from requests.letters.models import Letter

OLDEST = timedelta(days=366)


class PastDayField(forms.DateField):
    """A day between a year ago and today."""

    def __init__(self, label, **kwargs) -> None:
        widget = DayInput()
        super().__init__(
            label=label,
            widget=widget,
            error_messages={
                "required": _("Give the day."),
                "invalid": _("Give the day as day, month and year."),
            },
            **kwargs,
        )

    def clean(self, value):
        day = super().clean(value)
        today = timezone.localdate()
        if day and day > today:
            raise forms.ValidationError(_("This day is still to come."))
        if day and day < today - OLDEST:
            raise forms.ValidationError(_("This day is more than a year ago."))
        return day


class DayForm(forms.Form):
    """One day, today by default."""

    label = _("Day")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"on": timezone.localdate, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["on"] = PastDayField(self.label)


class ReceivedForm(DayForm):
    """The day on which the acknowledgement of receipt was signed."""

    label = _("Signed on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="received_%s", **kwargs)


class ReturnedForm(DayForm):
    """The day on which the envelope came back, and the reason that the post office ticked."""

    label = _("Came back on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="returned_%s", **kwargs)
        self.fields["why"] = forms.ChoiceField(
            label=_("What the post office ticked"),
            choices=Letter.Return.choices,
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose what is ticked on the envelope.")},
        )


class PostForm(DayForm):
    """The day of posting, and one number for each registered letter of the batch."""

    label = _("Posted on")

    def __init__(self, *args, letters, **kwargs) -> None:
        super().__init__(*args, auto_id="post_%s", **kwargs)
        self.letters = {f"number_{row.place}": row for row in letters if row.registered}
        for name, row in self.letters.items():
            self.fields[name] = forms.CharField(
                label=_("Registered number of letter %(place)s, %(who)s")
                % {"place": row.place, "who": row.delivery.recipient.partition("\n")[0]},
                max_length=30,
                help_text=_("Under the bar code: 11 to 15 letters and digits."),
                error_messages={"required": _("Give the number of every registered letter.")},
            )

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        for name in self.letters:
            if name in data:
                try:
                    data[name] = clean_number(data[name])
                except BadNumber:
                    self.add_error(name, _("This is no registered-letter number. Read it again."))
        typed = [data[name] for name in self.letters if name in data]
        if len(set(typed)) < len(typed):
            self.add_error(None, _("The same number stands twice."))
        return data

    def numbers(self) -> dict:
        """Return the number of each registered letter by the letter's id."""
        return {row.pk: self.cleaned_data[name] for name, row in self.letters.items()}


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once."""

    widget = FilesInput

    def clean(self, data, initial=None):
        files = data if isinstance(data, (list, tuple)) else [data]
        return [super(FilesField, self).clean(one, initial) for one in files if one] or (
            super().clean(None, initial)
        )


class ScanForm(forms.Form):
    """The scanned files, and the day on which the letters were received."""

    files = FilesField(  # type: ignore[assignment]  # Django moves fields off the class
        label=_("Scanned pages"),
        help_text=_("PDF, JPEG or PNG, several at once, 12 MB each."),
        error_messages={"required": _("Choose the scanned files.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "scan_%s", **kwargs})
        self.fields["files"].widget.attrs["accept"] = ".pdf,.jpg,.jpeg,.png,.webp,.heic"
        self.fields["received_on"] = PastDayField(
            _("Received on"),
            initial=timezone.localdate,
            help_text=_("The day of the postmark, or of the stamp of arrival."),
        )
