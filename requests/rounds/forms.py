"""Forms of the round: nothing to type but a note; the outbox can send every one again."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from requests.kit.fields import FilesField, PhoneField

NO_PICTURE = _("Choose a picture.")


class PhotosField(FilesField):
    """A file field that opens the camera of the phone at once."""

    def __init__(self) -> None:
        super().__init__()
        self.label = _("Photo")
        self.help_text = ""
        self.widget.attrs = {"accept": "image/*", "capture": "environment", "multiple": True}


class ItemForm(forms.Form):
    """The fields that every item of the outbox has."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    words = forms.CharField(
        label=_("Note"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    photos = PhotosField()


class ReportForm(ItemForm):
    """Report something seen in the building."""

    field_order = ["key", "building", "category", "words", "photos"]
    building = forms.IntegerField(widget=forms.HiddenInput)
    category = forms.ChoiceField(
        label=_("What is it?"),
        error_messages={"required": NO_PICTURE, "invalid_choice": NO_PICTURE},
    )

    def __init__(self, *args: Any, pictures: list[tuple[str, str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [(code, label) for code, _picture, label in pictures]


class TenantForm(ItemForm):
    """File for a tenant met on the round."""

    field_order = ["key", "building", "dwelling", "category", "words", "photos", "phone"]
    building = forms.IntegerField(widget=forms.HiddenInput)
    dwelling = forms.TypedChoiceField(
        label=_("Which door?"),
        coerce=int,
        error_messages={"required": _("Choose the door."), "invalid_choice": _("Choose the door.")},
    )
    category = forms.ChoiceField(
        label=_("What is the problem?"),
        error_messages={
            "required": _("Choose what is closest to the problem."),
            "invalid_choice": _("Choose what is closest to the problem."),
        },
    )
    phone = PhoneField(
        own=False, required=False, help_text=_("Only if the tenant gives a new number.")
    )

    def __init__(self, *args: Any, dwellings: list, categories: list, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dwelling"].choices = [("", "—"), *dwellings]
        self.fields["category"].choices = [("", "—"), *categories]


class CheckForm(ItemForm):
    """Say whether the contractor's work is done."""

    claim = forms.UUIDField(widget=forms.HiddenInput)
    fixed = forms.ChoiceField(choices=[("yes", _("Done")), ("no", _("Not finished"))])

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        if data.get("fixed") == "no" and not data.get("words") and not data.get("photos"):
            self.add_error("words", _("Write what is missing, or take a photo of it."))
        return data


class DoorForm(forms.Form):
    """Name the door of a dwelling that the register does not tell, or say that there is none."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    dwelling = forms.IntegerField(widget=forms.HiddenInput)
    door = forms.CharField(label=_("What stands on the door?"), max_length=20, required=False)
    floor = forms.IntegerField(label=_("Floor"), required=False, min_value=-20, max_value=120)
    missing = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        if not data.get("missing") and not data.get("door"):
            self.add_error("door", _("Write the number or the place of the door: 12, or left."))
        return data


class CorrectionForm(forms.Form):
    """Correct what the plate on the equipment says."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    label = forms.CharField(
        label=_("Name"),
        max_length=120,
        error_messages={"required": _("Write the name of the equipment.")},
    )
    installed = forms.IntegerField(
        label=_("Year installed"),
        required=False,
        min_value=1850,
        widget=forms.NumberInput(attrs={"class": "input--short", "inputmode": "numeric"}),
        error_messages={
            "invalid": _("Write a year, for example 1998."),
            "min_value": _("Write a year, for example 1998."),
        },
    )
    contract = forms.CharField(label=_("Maintenance contract"), max_length=160, required=False)
    note = forms.CharField(
        label=_("Something else that is wrong"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_installed(self) -> int | None:
        year = self.cleaned_data["installed"]
        if year and year > timezone.localdate().year:
            raise forms.ValidationError(_("Write a year, for example 1998."))
        return year
