"""Forms of a work order for staff: the order itself (filled from the proposal), reason, date."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from agencies.models import Contractor, MaintenanceContract, PriceItem
from portal.money import euros
from requests.kit.choices import Responsible
from requests.kit.fields import DayField
from requests.work_orders.models import WorkOrder
from requests.work_orders.rules import PayerReason
from requests.work_orders.spans import SPANS, span

WHY: Mapping[str, object] = {
    PayerReason.BY_LAW: _("The landlord’s by law."),
    PayerReason.IN_CONTRACT: _("Inside the contract’s flat fee."),
    PayerReason.NO_CONTRACT: _("No contract in force covers it: the landlord pays."),
    PayerReason.NORMALLY_YOURS: _("Normally the tenant’s upkeep (decree 87-712)."),
    PayerReason.WORN: _("Normally the tenant’s, but worn out by age."),
    PayerReason.DANGER: _("Normally the tenant’s, but dangerous: repaired first."),
    PayerReason.SHARED: _("Shared between landlord and tenant."),
    PayerReason.SOMEONE_ELSE: _("Belongs to someone else."),
    "by_person": _("Decided by a person."),
    PayerReason.MAKE_SAFE: _("Belongs to someone else, but dangerous: made safe first."),
}


class PriceItemsField(forms.ModelMultipleChoiceField):
    """Priced lines of a contract, with price and unit of measure in the label."""

    def label_from_instance(self, obj: Model) -> str:
        """Return "label – price / measure"."""
        assert isinstance(obj, PriceItem)
        return f"{obj.label} – {euros(obj.price)} / {obj.measure}"


class OrderForm(forms.Form):
    """The parts of the proposal that a person may change before sending."""

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
        help_text=_("Shown to the contractor only from the eve of the visit to two hours after."),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    items = PriceItemsField(
        label=_("Priced lines"),
        queryset=PriceItem.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, contract: MaintenanceContract | None, **kwargs: Any) -> None:
        kwargs["auto_id"] = "order_%s"
        super().__init__(*args, **kwargs)
        prices = contract.prices.all() if contract else PriceItem.objects.none()
        if prices:
            items = self.fields["items"]
            assert isinstance(items, PriceItemsField)
            items.queryset = prices
        else:
            del self.fields["items"]


class ReasonForm(forms.Form):
    """The reason of a step: cancel, decline, send back."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    # The step that is asked for; the page gives the form back to that step's button.
    name = ""
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        error_messages={"required": _("Write the reason.")},
    )


class BookForm(forms.Form):
    """A date agreed on the phone or by letter."""

    day = DayField(label=_("Day"), ask=_("Choose a day."))
    time = forms.ChoiceField(
        label=_("Hours"), choices=[(name, label) for name, (_a, _b, label) in SPANS.items()]
    )
    channel = forms.ChoiceField(
        label=_("Agreed by"),
        choices=[("phone", _("phone")), ("counter", _("counter")), ("letter", _("letter"))],
    )

    def span(self) -> tuple[datetime, datetime]:
        """Return the agreed start and end, aware."""
        return span(self.cleaned_data["day"], self.cleaned_data["time"])
