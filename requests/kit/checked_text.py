"""A form whose free text is checked for words that must not be kept (sensitive_words.py)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from requests.kit.sensitive_words import sensitive_words


class LintedForm(forms.Form):
    """Warns once about sensitive words in the fields named by ``linted``.

    The person corrects the text, or ticks that the words stand: nothing is blocked for good.
    """

    linted: tuple[str, ...] = ()

    def seal(self) -> None:
        """Add the confirmation box at the end, shown only when needed.

        Call last in ``__init__``.
        """
        self.fields["sure"] = forms.BooleanField(
            label=_("I have read it over: these words may stay"),
            required=False,
            widget=forms.HiddenInput,
        )

    def clean(self) -> dict[str, Any]:
        """Return the data; add an error to each field with sensitive words, unless confirmed."""
        data = super().clean() or {}
        found = {name: sensitive_words(data.get(name) or "") for name in self.linted}
        if data.get("sure") or not any(found.values()):
            return data
        self.fields["sure"].widget = forms.CheckboxInput()
        for name, words in found.items():
            if words:
                self.add_error(
                    name,
                    _(
                        "The tenant can read this, and health, origin, religion, opinions or "
                        "offences are never written down: %(words)s. Correct it, or confirm."
                    )
                    % {"words": ", ".join(words)},
                )
        return data
