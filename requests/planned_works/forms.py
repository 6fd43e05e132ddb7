"""Forms to announce, change and cancel planned works."""

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import Contractor, Dwelling, Staircase
from portal.clock import now
from requests.kit.fields import MomentInput
from requests.planned_works.notice_periods import Works

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def _moment(label: "StrOrPromise") -> forms.DateTimeField:
    missing = _("Give a day and a time.")
    return forms.DateTimeField(
        label=label,
        widget=MomentInput(),
        error_messages={"required": missing, "invalid": missing},
    )


class WhenForm(forms.Form):
    """Dates, text and the reason for a short notice: all that may change after the announcement."""

    starts = _moment(_("Begins"))
    ends = _moment(_("Ends"))
    text = forms.CharField(
        label=_("What people must know"),
        help_text=_("Sent as it stands. What stops, what to prepare, whom to call."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write the text first.")},
    )
    override = forms.CharField(
        label=_("Why so late"),
        help_text=_("Only when a notice period is over: it is kept with your name."),
        max_length=300,
        required=False,
    )

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        starts, ends = data.get("starts"), data.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", _("The end must come after the beginning."))
        elif ends and ends <= now():
            self.add_error("ends", _("Give a time that is still to come."))
        return data


class AnnounceForm(WhenForm):
    """A new announcement in one residence."""

    kind = forms.ChoiceField(label=_("What is planned?"), choices=Works.choices)
    title = forms.CharField(
        label=_("Title"), max_length=160, error_messages={"required": _("Give it a title.")}
    )
    staircases = forms.ModelMultipleChoiceField(
        label=_("Where"),
        help_text=_("None ticked: the whole residence."),
        queryset=Staircase.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    doors = forms.CharField(
        label=_("Only these doors"),
        help_text=_("As on the doors, with commas between."),
        max_length=1000,
        required=False,
    )
    contractor = forms.ModelChoiceField(
        label=_("Company"), queryset=Contractor.objects.filter(active=True), required=False
    )
    field_order = ["kind", "title", "staircases", "doors", "starts", "ends", "text", "contractor"]

    def __init__(self, *args, residence, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.residence = residence
        rows = Staircase.objects.filter(building__residence=residence)
        self.fields["staircases"].queryset = rows.order_by("street", "code")

    def clean(self) -> dict:
        """Turn the typed door names into dwellings; report each name that is not found."""
        super().clean()
        data = self.cleaned_data
        doors = {part.strip() for part in (data.get("doors") or "").split(",")} - {""}
        data["dwellings"] = []
        if doors:
            homes = Dwelling.objects.filter(staircase__building__residence=self.residence)
            if data.get("staircases"):
                homes = homes.filter(staircase__in=data["staircases"])
            data["dwellings"] = list(homes.filter(door__in=doors))
            lost = sorted(doors - {home.door for home in data["dwellings"]})
            if lost:
                self.add_error(
                    "doors", _("Not found here: %(doors)s.") % {"doors": ", ".join(lost)}
                )
        return data


class CancelForm(forms.Form):
    """The reason for the cancellation."""

    reason = forms.CharField(
        label=_("Why it is cancelled"),
        help_text=_("Sent to every household."),
        max_length=300,
        error_messages={"required": _("Say why: everybody will read it.")},
    )
