"""The labels of one claim, to tick; and one label for several claims."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from requests.claims.models import Claim
from requests.labels.models import Label
from requests.labels.queries import of_claim, offered

PUT, TAKE = "put", "take"


class LabelsForm(forms.Form):
    """Which labels the claim bears, of those that may be chosen."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, claim: Claim, **kwargs: Any) -> None:
        self.labels = of_claim(claim)
        kwargs["initial"] = {"version": claim.version} | kwargs.get("initial", {})
        super().__init__(*args, **{"auto_id": "labels_%s"} | kwargs)
        self.fields["labels"] = forms.MultipleChoiceField(
            label=_("Labels"),
            choices=[(label.code, str(label)) for label in self.labels],
            required=False,
            widget=forms.CheckboxSelectMultiple,
            initial=[label.code for label in self.borne],
            error_messages={"invalid_choice": _("Choose labels of the list.")},
        )

    @property
    def borne(self) -> list[Label]:
        """Return the labels that the claim bears now."""
        return [label for label in self.labels if label.borne]

    @property
    def boxes(self) -> list[tuple[Label, bool]]:
        """Return each label with whether it is ticked, as the form was sent or as it stands."""
        ticked = self["labels"].value() or []
        return [(label, label.code in ticked) for label in self.labels]

    def changes(self) -> tuple[list[Label], list[Label]]:
        """Return what to put on and what to take off."""
        wanted = set(self.cleaned_data["labels"])
        put = [label for label in self.labels if label.code in wanted and not label.borne]
        return put, [label for label in self.borne if label.code not in wanted]


def bulk_fields() -> dict[str, forms.Field]:
    """Return the fields of one label for several claims: which, and whether to put or take it."""
    return {
        "label": forms.ModelChoiceField(
            label=_("Label"),
            queryset=offered(),
            error_messages={"required": _("Choose a label.")},
        ),
        "how": forms.ChoiceField(
            label=_("What to do with it"),
            choices=[(PUT, _("Put it on each request")), (TAKE, _("Take it off each request"))],
            initial=PUT,
            error_messages={"required": _("Say whether to put it on or take it off.")},
        ),
    }
