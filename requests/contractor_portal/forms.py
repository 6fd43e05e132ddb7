"""Forms that a contractor fills in on a phone: few fields, nothing asked twice."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.dates import moment
from requests.kit.fields import DayField
from requests.work_orders.models import WorkOrder
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

    beyond = forms.BooleanField(
        label=_("It is not possible before. The agency is told why."), required=False
    )

    def __init__(self, *args: Any, now: datetime, order: WorkOrder, **kwargs: Any) -> None:
        self.now, self.order = now, order
        super().__init__(*args, **kwargs)
        # Asked only once a date after the limit was chosen.
        self._asked = self.fields.pop("beyond")

    def clean(self) -> dict[str, Any]:
        """Return the data; refuse dates after the order's limit unless they are meant.

        In an emergency they are refused.
        """
        data = super().clean() or {}
        if data.get("day") is None or not data.get("spans"):
            return data
        late = [s for s, _ends in self.dates() if self.order.is_after_limit(s, self.now)]
        if not late:
            return data
        words = {"limit": moment(self.order.respond_by)}
        if self.order.emergency:
            said = _("This is an emergency, expected by %(limit)s. Not possible? Call the agency.")
            self.add_error("day", said % words)
            return data
        self.fields["beyond"] = self._asked
        if not self.data.get("beyond"):
            said = _("You are expected by %(limit)s. Choose an earlier day, or tick below.")
            self.add_error("day", said % words)
        return data

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
