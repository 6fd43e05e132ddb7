"""Forms: how a desk shares its work, and help between units."""

from datetime import date, datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.models import Desk, Unit
from requests.catalogue.models import Family
from requests.kit.fields import DayField
from requests.teamwork.models import Sharing

MOST = 100  # claims lent at once
LONGEST = 92  # days of help


class SharingForm(forms.ModelForm):
    """How one desk shares its work."""

    class Meta:
        model = Sharing
        fields = ("skills", "sectors", "most_in_hand")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["most_in_hand"].min_value = 1


class SeatForm(forms.Form):
    """Whether one person serves the desk, and the families they know."""

    serves = forms.BooleanField(required=False)
    families = forms.ModelMultipleChoiceField(
        label=_("Families they know"),
        required=False,
        queryset=Family.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all of them."),
    )

    def __init__(self, *args, member, families, **kwargs) -> None:
        super().__init__(*args, **{"prefix": f"m{member.pk}", **kwargs})
        self.member = member
        self.fields["serves"].label = member.user.get_full_name() or str(member.user)
        self.fields["families"].queryset = families


class AskForm(forms.Form):
    """One unit asks another to help a desk of its own."""

    desk = forms.ModelChoiceField(
        label=_("For which desk"),
        queryset=Desk.objects.none(),
        error_messages={
            "required": _("Choose the desk."),
            "invalid_choice": _("Choose one of your desks."),
        },
    )
    helper = forms.ModelChoiceField(
        label=_("Whom do you ask"),
        queryset=Unit.objects.none(),
        error_messages={
            "required": _("Choose whom you ask."),
            "invalid_choice": _("Choose whom you ask."),
        },
    )
    number = forms.IntegerField(
        label=_("How many claims"),
        min_value=1,
        max_value=MOST,
        help_text=_(
            "Those nobody has in hand, the soonest promises first. Never confidential ones."
        ),
        error_messages={
            "required": _("Give a number."),
            "invalid": _("Give a number."),
            "min_value": _("Give a number from 1 to 100."),
            "max_value": _("Give a number from 1 to 100."),
        },
    )
    last_day = DayField(label=_("Until"), ask=_("Give the last day."))
    words = forms.CharField(
        label=_("Why"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write in a few words why you need help.")},
    )

    def __init__(self, *args, desks, units, today: date, **kwargs) -> None:
        """Take ``desks`` (one's own), ``units`` (to ask) and ``today`` (the local day)."""
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["desk"].queryset = desks
        self.fields["helper"].queryset = units

    def clean_last_day(self) -> date:
        day = self.cleaned_data["last_day"]
        if not self.today <= day <= self.today + timedelta(days=LONGEST):
            raise forms.ValidationError(_("Choose a day within the next three months."))
        return day

    @property
    def until(self) -> datetime:
        """Return the last minute of the last day, aware, so that it still names that day."""
        day = self.cleaned_data["last_day"]
        return datetime.combine(day, time(23, 59), tzinfo=timezone.get_current_timezone())


class AnswerForm(forms.Form):
    """The words of the unit that was asked."""

    answer = forms.CharField(
        label=_("Your words"),
        max_length=500,
        error_messages={"required": _("Say in a few words why, so that they understand.")},
    )
