"""What an administrator says of an export."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from requests.reporting.models import ScheduledExport

FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")


class ExportForm(forms.ModelForm):
    """Which figures, how often, at which hour, into which folder of the bucket."""

    hour = forms.TypedChoiceField(
        label=_("At which hour"),
        coerce=int,
        initial=5,
        choices=[(hour, f"{hour} h") for hour in range(24)],
    )

    class Meta:
        model = ScheduledExport
        fields = ["dataset", "rhythm", "hour", "prefix"]
        labels = {
            "dataset": _("Which figures?"),
            "rhythm": _("How often"),
            "prefix": _("Folder in the bucket"),
        }
        help_texts = {"prefix": _("Letters, digits, hyphens and slashes, like palier/nord.")}

    def clean_prefix(self) -> str:
        prefix = self.cleaned_data["prefix"].strip("/")
        if prefix and (not FOLDER.fullmatch(prefix) or ".." in prefix or "//" in prefix):
            raise forms.ValidationError(_("Use letters, digits, hyphens and single slashes only."))
        return prefix

    def clean(self) -> dict:
        """Refuse the same figures twice into one folder; Django leaves an empty folder out."""
        data = super().clean() or self.cleaned_data
        named = {name: data.get(name) for name in ("dataset", "rhythm", "prefix")}
        same = ScheduledExport.objects.filter(**named).exclude(pk=self.instance.pk)
        if None not in named.values() and same.exists():
            self.add_error("prefix", _("These figures leave there already, as often."))
        return data
