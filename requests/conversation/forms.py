"""The form of a ready-made reply; its variables are checked like those of every text."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from requests.kit.checked_text import LintedForm
from requests.notifications import texts

WITHOUT = frozenset({"text"})


class CannedForm(LintedForm):
    """Name, language and text of one reply."""

    linted = ("body",)
    name = forms.CharField(
        label=_("Name"), max_length=60, error_messages={"required": _("Give it a name.")}
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[("fr", _("French")), ("en", _("English"))]
    )
    body = forms.CharField(
        label=_("Text"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write the text first.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["auto_id"] = "canned_%s"
        super().__init__(*args, **kwargs)
        self.fields["body"].help_text = texts.known_variables(without=WITHOUT)
        self.seal()

    def clean_body(self) -> str:
        """Return the text. Raises ValidationError for an unknown variable."""
        body = self.cleaned_data["body"]
        if faults := texts.faults(body, without=WITHOUT):
            raise forms.ValidationError(faults)
        return body
