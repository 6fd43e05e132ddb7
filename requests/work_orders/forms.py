"""The agency's form for an order: prefilled by the proposal, nothing to retype."""

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import Contractor, MaintenanceContract, PriceItem
from requests.kit.choices import Responsible
from requests.kit.fields import DayInput
from requests.work_orders.models import WorkOrder
from requests.work_orders.rules import Why
from requests.work_orders.spans import SPANS, span

WHY = {
    Why.BY_LAW: _("The landlord's by law."),
    Why.IN_CONTRACT: _("Inside the contract's flat fee."),
    Why.NO_CONTRACT: _("No contract in force covers it: the landlord pays."),
    Why.NORMALLY_YOURS: _("Normally the tenant's upkeep (decree 87-712)."),
    Why.WORN: _("Normally the tenant's, but worn out by age."),
    Why.DANGER: _("Normally the tenant's, but dangerous: repaired first."),
    Why.SHARED: _("Shared between landlord and tenant."),
    Why.SOMEONE_ELSE: _("Belongs to someone else."),
    "by_person": _("Decided by a person."),
    Why.MAKE_SAFE: _("Belongs to someone else, but dangerous: made safe first."),
}


class OrderForm(forms.Form):
    """What a person may change in the proposal before it is sent."""

    contractor = forms.ModelChoiceField(
        label=_("Contractor"),
        queryset=Contractor.objects.filter(active=True),
        error_messages={"required": _("Choose the contractor.")},
    )
    description = forms.CharField(
        label=_("Work to do"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write what is to be done.")},
    )
    payer = forms.ChoiceField(label=_("Who pays"), choices=Responsible.choices)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=WorkOrder.Purpose.choices)
    access_notes = forms.CharField(
        label=_("Access: door code, keys, dog"),
        help_text=_("Shown to the contractor only from confirmation to the end of the visit."),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    items = forms.ModelMultipleChoiceField(
        label=_("Priced lines"),
        queryset=PriceItem.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, contract: MaintenanceContract | None, **kwargs) -> None:
        super().__init__(*args, auto_id="order_%s", **kwargs)
        prices = contract.prices.all() if contract else PriceItem.objects.none()
        if prices:
            self.fields["items"].queryset = prices
            self.fields["items"].label_from_instance = lambda item: (
                f"{item.label} – {item.price} € / {item.measure}"
            )
        else:
            del self.fields["items"]


class ReasonForm(forms.Form):
    """Why an order is cancelled, declined or sent back."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        error_messages={"required": _("Write the reason.")},
    )


class BookForm(forms.Form):
    """A date agreed on the phone or by letter."""

    day = forms.DateField(
        label=_("Day"),
        widget=DayInput(),
        error_messages={"required": _("Choose a day."), "invalid": _("Choose a day.")},
    )
    time = forms.ChoiceField(
        label=_("Hours"), choices=[(name, label) for name, (_a, _b, label) in SPANS.items()]
    )
    channel = forms.ChoiceField(
        label=_("Agreed by"),
        choices=[("phone", _("phone")), ("counter", _("counter")), ("letter", _("letter"))],
    )

    def span(self):
        """The agreed aware start and end."""
        return span(self.cleaned_data["day"], self.cleaned_data["time"])
