"""Forms that a contractor fills in on a phone: few fields, nothing asked twice."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from requests.kit.fields import DayField
from requests.work_orders.spans import SPANS, span

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

REASONS = [
    ("trade", _("Not our trade")),
    ("contract", _("Not in our contract")),
    ("parts", _("The part is not available")),
    ("unsafe", _("The place is not safe")),
    ("other", _("Another reason")),
]
OBSTACLES = [
    ("nobody", _("Nobody opens")),
    ("code", _("The door code does not work")),
    ("refused", _("We were not let in")),
    ("blocked", _("The place cannot be reached")),
]


def _photo(label: "StrOrPromise") -> forms.FileField:
    return forms.FileField(
        label=label,
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*"}),
    )


def _words(
    label: "StrOrPromise", required: bool = True, hint: "StrOrPromise" = ""
) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write a few words.")},
    )


class Versioned(forms.Form):
    """``version`` tells whether the order changed since the page was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class ProposeForm(Versioned):
    """Propose another date: a day and the spans of that day."""

    day = DayField(label=_("Day"), ask=_("Choose a day."))
    spans = forms.MultipleChoiceField(
        label=_("Hours"),
        choices=[(name, label) for name, (_a, _b, label) in SPANS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one time.")},
    )
    reason = forms.CharField(
        label=_("Why (a few words)"), help_text=_("The tenant reads it."), max_length=200
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        self.now = now
        super().__init__(*args, **kwargs)

    def clean_day(self) -> date:
        day = self.cleaned_data["day"]
        today = timezone.localdate(self.now)
        if not today < day <= today + timedelta(days=120):
            raise forms.ValidationError(_("Choose a day after today, within four months."))
        return day

    def dates(self) -> list[tuple[datetime, datetime]]:
        """Return the proposed spans as aware pairs."""
        data = self.cleaned_data
        return [span(data["day"], name) for name in data["spans"]]


class ImpossibleForm(Versioned):
    """Say that the contractor cannot do it, and why."""

    reason = forms.ChoiceField(
        label=_("Why is it impossible?"),
        choices=REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason.")},
    )
    words = _words(_("In your words"), required=False)

    def text(self) -> str:
        label = str(dict(REASONS)[self.cleaned_data["reason"]])
        return " – ".join(part for part in (label, self.cleaned_data["words"]) if part)


class LateForm(Versioned):
    """Say how late the visit is at most."""

    minutes = forms.TypedChoiceField(
        label=_("How late?"),
        coerce=int,
        choices=[(30, _("half an hour")), (60, _("one hour")), (120, _("two hours"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how late.")},
    )


class NoAccessForm(Versioned):
    """Say that nobody opened: why, with a photo as proof."""

    reason = forms.ChoiceField(
        label=_("What stopped you?"),
        choices=OBSTACLES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what stopped you.")},
    )
    photo = _photo(_("Photo of the door"))

    def text(self) -> str:
        return str(dict(OBSTACLES)[self.cleaned_data["reason"]])


class DoneForm(Versioned):
    """Say what was done, with photos before and after."""

    text = _words(_("What did you do?"), hint=_("The tenant reads it."))
    materials = forms.CharField(label=_("Parts and materials"), max_length=300, required=False)
    before = _photo(_("Photo before"))
    after = _photo(_("Photo after"))


class AmountForm(Versioned):
    """Give the amount of additional work or of a quote, and the reason."""

    amount = forms.DecimalField(
        label=_("Amount before tax, €"),
        min_value=1,
        max_value=999_999,
        decimal_places=2,
        localize=True,
        error_messages={"required": _("Give an amount."), "invalid": _("Give an amount.")},
    )
    text = _words(_("What for?"))
    photo = _photo(_("Photo"))
