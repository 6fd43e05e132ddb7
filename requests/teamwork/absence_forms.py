"""Days away, and the stand-in. No reason is asked: the portal does not need it."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import Membership
from requests.kit.fields import DayField

LONGEST = 366  # days


class AbsenceForm(forms.Form):
    """Choices are the members that the person may enter an absence for."""

    member = forms.ModelChoiceField(
        label=_("Who is away"),
        queryset=Membership.objects.none(),
        error_messages={
            "required": _("Say who is away."),
            "invalid_choice": _("Choose somebody from the list."),
        },
    )
    first_day = DayField(label=_("First day away"), ask=_("Give the first day."))
    last_day = DayField(label=_("Last day away"), ask=_("Give the last day."))
    replacement = forms.ModelChoiceField(
        label=_("Who stands in"),
        required=False,
        queryset=Membership.objects.none(),
        empty_label=_("Nobody: the work goes back to the desk"),
        error_messages={"invalid_choice": _("Choose somebody from the list.")},
    )

    def __init__(self, *args, members, colleagues, today: date, **kwargs) -> None:
        """Take ``members``, ``colleagues`` (Membership querysets), ``today`` (the local day)."""
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["member"].queryset = members
        self.fields["replacement"].queryset = colleagues
        for name in ("member", "replacement"):
            self.fields[name].label_from_instance = lambda m: f"{m.user.get_full_name() or m.user}"

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if first and last:
            if last < first:
                self.add_error("last_day", _("The last day comes before the first."))
            elif last < self.today:
                self.add_error("last_day", _("These days are over."))
            elif (last - first).days >= LONGEST:
                self.add_error("last_day", _("Enter at most one year at a time."))
        if data.get("member") and data.get("member") == data.get("replacement"):
            self.add_error("replacement", _("Choose somebody else to stand in."))
        return data
