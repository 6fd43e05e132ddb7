"""Fields and widgets that several forms share."""

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class DayInput(forms.DateInput):
    """The browser's own calendar, which reads and writes ISO dates in every language."""

    input_type = "date"

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day. ``ask`` says what to give, when there is nothing and when it cannot be read."""

    def __init__(self, *, ask, **kwargs) -> None:
        super().__init__(
            widget=DayInput(), error_messages={"required": ask, "invalid": ask}, **kwargs
        )


class MomentInput(forms.DateTimeInput):
    """The same with the time of day, in local time."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class PhoneField(forms.CharField):
    """A phone number, kept as typed if it is a possible one.

    ``own``: it belongs to the person who fills the form, so that the browser may offer it.
    """

    def __init__(self, *, own: bool = True, **kwargs) -> None:
        attrs = {"type": "tel", "class": "input--short"}
        if own:
            attrs["autocomplete"] = "tel"
        super().__init__(
            label=_("Phone"), max_length=30, widget=forms.TextInput(attrs=attrs), **kwargs
        )

    def clean(self, value) -> str:
        value = super().clean(value)
        digits = "".join(c for c in value if c.isdigit())
        if value and not (
            6 <= len(digits) <= 15 and set(value) <= set("0123456789+().-/ \u00a0\u202f")
        ):
            raise forms.ValidationError(
                _("Check this number: a digit may be missing. Example: 06 12 34 56 78"),
                code="phone",
            )
        return value


PHOTOS = _("Photos")


class FilesInput(forms.FileInput):
    """Several files in one field."""

    allow_multiple_selected = True

    def value_from_datadict(self, data, files, name) -> list:
        return files.getlist(name) if hasattr(files, "getlist") else []


class FilesField(forms.FileField):
    """A list of uploaded files, checked by ``requests.attachments.uploads`` afterwards."""

    def __init__(self, label: "StrOrPromise" = PHOTOS) -> None:
        super().__init__(
            label=label,
            required=False,
            allow_empty_file=True,
            help_text=_("Up to 6 photos or PDF files, 12 MB each."),
            widget=FilesInput(
                attrs={
                    "multiple": True,
                    "accept": "image/jpeg,image/png,image/webp,image/heic,.pdf",
                    # What static/js/photos.js says.
                    "data-photos": "",
                    "data-preparing": _("Making the photos smaller…"),
                    "data-ready": _("Ready to be sent: {size}"),
                    "data-sending": _("Sending: {percent} %"),
                    "data-again": _("The network is slow or gone. We try again…"),
                    "data-unsent": _(
                        "Not sent: there is no network. Nothing is lost; press the button again."
                    ),
                }
            ),
        )

    def clean(self, data, initial=None) -> list:
        return [super(FilesField, self).clean(file, initial) for file in data or []]
