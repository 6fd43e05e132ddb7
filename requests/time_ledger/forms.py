"""The field that somebody proposes."""

from django import forms
from django.utils.translation import gettext_lazy as _

from requests.time_ledger.ledger import SECONDS
from requests.time_ledger.screens import SCREENS


class FieldForm(forms.Form):
    """On which screen, and how long it takes to fill in."""

    screen = forms.ChoiceField(
        label=_("On which screen?"), error_messages={"required": _("Choose the screen.")}
    )
    seconds = forms.DecimalField(
        label=_("Seconds to fill it in, each time"),
        min_value=1,
        max_value=600,
        max_digits=4,
        decimal_places=1,
        localize=True,
        initial=int(SECONDS),
        error_messages={
            "required": _("Give the seconds."),
            "invalid": _("Write a number, like 6."),
        },
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["screen"].choices = [("", _("Choose"))] + [
            (screen.event.value, screen.label) for screen in SCREENS
        ]
