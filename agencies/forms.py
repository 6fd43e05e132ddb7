"""The form that uploads a file of the stock or of the tenants."""

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.imports.kind import kinds
from agencies.models import Unit

LARGEST = 300 * 1024 * 1024  # bytes; 500,000 dwellings are about 130 MB


class ImportForm(forms.Form):
    """A file and its kind; the agency only when the file names none."""

    kind = forms.ChoiceField(
        label=_("What is in the file?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is in the file.")},
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or XLSX, 300 MB at most. Nothing is written before you see the report."),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty. Export it again, then choose the new one."),
        },
    )
    agency = forms.ModelChoiceField(
        label=_("Agency of the residences for which the file names none"),
        queryset=Unit.objects.exclude(kind=Unit.Kind.HEAD_OFFICE),
        required=False,
        empty_label=_("None"),
    )
    one_agency = forms.BooleanField(
        label=_("The segments of the file are not our agencies: leave them aside"), required=False
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(k.code, k.label) for k in kinds().values()]

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(
                _("This file is over 300 MB. Cut it in several parts, or ask your administrator.")
            )
        return file
