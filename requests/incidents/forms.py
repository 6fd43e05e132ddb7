"""Forms of incidents: what every household reads, and the title of a new one."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.clock import now
from requests.kit.fields import MomentInput


class TellForm(forms.Form):
    """The message to every household, and the expected end of the fault."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label=_("Message to every household"),
        help_text=_("Sent as it stands, to each by their own channel."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write the text first.")},
    )
    expected_end = forms.DateTimeField(
        label=_("Expected end"),
        required=False,
        widget=MomentInput(),
        error_messages={"invalid": _("Give a day and a time.")},
    )

    def clean_expected_end(self):
        value = self.cleaned_data["expected_end"]
        if value and value <= now():
            raise forms.ValidationError(_("Give a time that is still to come."))
        return value


class OpenForm(TellForm):
    """The first message and the title of a new incident."""

    title = forms.CharField(
        label=_("Title"), max_length=160, error_messages={"required": _("Give it a title.")}
    )
    field_order = ["version", "title", "text", "expected_end"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            # Title and message are filled in: the cursor starts in what a person may add to.
            self.fields["text"].widget.attrs["autofocus"] = True
