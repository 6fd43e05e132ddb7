"""Contractors and their contracts, by pick lists and plain words instead of codes."""

from contextlib import suppress
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.imports.tables import canonical
from agencies.models import (
    Building,
    Commitment,
    Contractor,
    Equipment,
    MaintenanceContract,
    PriceItem,
    Residence,
    Trade,
    Unit,
)
from requests.catalogue.models import Category, Family
from requests.console.place_forms import group
from requests.console.setting_fields import LinesField, Ticks, free_code
from requests.kit.choices import Urgency
from requests.kit.fields import DayInput

# Contracts promise a delay for faults; administrative matters have none.
TECHNICAL = [urgency for urgency in Urgency if urgency.value.startswith("U")]


class ContractorForm(forms.ModelForm):
    """A company and its trades, those that no list has yet included."""

    new_trades = LinesField(
        label=gettext_lazy("Trades that are not in the list"),
        parse=lambda line: line[:80],
        rows=2,
        help_text=gettext_lazy("One a line: plumbing, lifts…"),
    )

    class Meta:
        model = Contractor
        fields = ("name", "email", "phone", "trades", "active")
        widgets = {
            "trades": Ticks,
            "phone": forms.TextInput(attrs={"type": "tel"}),
        }
        help_texts = {"email": gettext_lazy("Orders go to this address, and to no other.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["trades"].required = False
        self.order_fields(["name", "email", "phone", "trades", "new_trades", "active"])
        if not Trade.objects.exists():
            del self.fields["trades"]

    def clean(self) -> dict:
        super().clean()
        if not self.cleaned_data.get("trades") and not self.cleaned_data.get("new_trades"):
            self.add_error("new_trades", _("Name one trade at least: orders are sorted by it."))
        return self.cleaned_data

    @transaction.atomic
    def save(self, commit: bool = True) -> Contractor:
        """Write the company, and the trades that are new."""
        contractor = super().save(commit)
        for name in self.cleaned_data["new_trades"]:
            trade = Trade.objects.filter(Q(label_fr__iexact=name) | Q(label_en__iexact=name))
            contractor.trades.add(
                trade.first()
                or Trade.objects.create(code=free_code(Trade, name), label_fr=name, label_en=name)
            )
        return contractor


class TradeForm(forms.ModelForm):
    class Meta:
        model = Trade
        fields = ("label_fr", "label_en")

    def save(self, commit: bool = True) -> Trade:
        if not self.instance.code:
            self.instance.code = free_code(Trade, self.instance.label_en or self.instance.label_fr)
        return super().save(commit)


def _residence(line: str) -> Residence:
    """Return the residence that a line names. Raises ValidationError with the nearest names."""
    code = line.rsplit("·", 1)[-1].strip()
    found = list(Residence.objects.filter(code=code)[:1])
    found = found or list(Residence.objects.filter(name__iexact=line).order_by("code")[:2])
    if len(found) == 1:
        return found[0]
    if found:
        said = _("Several residences are called “%(name)s”: write its reference after “·”.")
        raise forms.ValidationError(said % {"name": line})
    names = {canonical(name): name for name in Residence.objects.values_list("name", flat=True)}
    near = [names[key] for key in get_close_matches(canonical(line), names, n=3, cutoff=0.6)]
    if near:
        said = _("No residence is called “%(name)s”. Did you mean: %(near)s?")
        raise forms.ValidationError(said % {"name": line, "near": ", ".join(near)})
    raise forms.ValidationError(_("No residence is called “%(name)s”.") % {"name": line})


def _building(line: str) -> Building:
    """Return the building that « Résidence Iberia, A » names. Raises ValidationError."""
    name, comma, code = line.rpartition(",")
    if not comma:
        raise forms.ValidationError(
            _("“%(line)s”: write the residence, a comma, and the building.") % {"line": line[:60]}
        )
    residence = _residence(name.strip())
    found = Building.objects.filter(residence=residence, code__iexact=code.strip()).first()
    if found is None:
        codes = residence.buildings.order_by("code").values_list("code", flat=True)[:12]
        said = _("“%(name)s” has no building %(code)s. It has: %(known)s.")
        told = {"name": residence, "code": code.strip(), "known": ", ".join(codes) or "—"}
        raise forms.ValidationError(said % told)
    return found


def _price(line: str) -> PriceItem:
    """Return one line of prices: code; words; measure; price. Raises ValidationError."""
    cells = [cell.strip() for cell in line.split(";")]
    bad = forms.ValidationError(
        _("“%(line)s”: write a code, words, a measure and a price, with “;” between them.")
        % {"line": line[:60]}
    )
    if len(cells) != 4 or not all(cells):
        raise bad
    try:
        price = Decimal(cells[3].replace("€", "").replace("\u00a0", "").replace(",", ".").strip())
    except InvalidOperation as error:
        raise bad from error
    if not 0 <= price < 10_000_000:
        raise bad
    return PriceItem(code=cells[0][:30], label=cells[1][:160], measure=cells[2][:20], price=price)


class ContractForm(forms.ModelForm):
    """What a contract covers, where, how soon and at what price."""

    families = forms.MultipleChoiceField(
        label=gettext_lazy("Kinds of faults"), required=False, widget=Ticks
    )
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("Or only these faults"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 10}),
        help_text=gettext_lazy("Keep Ctrl pressed to choose several."),
    )
    equipment_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Equipment"),
        choices=Equipment.Kind.choices,
        required=False,
        widget=Ticks,
    )
    places = LinesField(
        label=gettext_lazy("Only these residences"),
        parse=_residence,
        help_text=gettext_lazy("One name a line. Nothing here and above: the whole stock."),
    )
    building_lines = LinesField(
        label=gettext_lazy("Only these buildings"),
        parse=_building,
        help_text=gettext_lazy("One a line: the residence, a comma, the building."),
    )
    price_lines = LinesField(
        label=gettext_lazy("Prices"),
        parse=_price,
        rows=6,
        help_text=gettext_lazy("One a line: code; words; measure; price in euros."),
    )

    class Meta:
        model = MaintenanceContract
        fields = (
            "name", "contractor", "trade", "starts", "ends", "families", "categories",
            "equipment_kinds", "units", "hours", "flat_fee", "spend_limit",
        )  # fmt: skip
        widgets = {
            "starts": DayInput(),
            "ends": DayInput(),
            "units": Ticks,
        }
        labels = {
            "units": gettext_lazy("Only these units"),
            "hours": gettext_lazy("When they come"),
            "flat_fee": gettext_lazy("A fixed price covers the work: nothing more is paid"),
            "spend_limit": gettext_lazy("An order up to this amount needs no approval, €"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contract = self.instance
        families = list(Family.objects.all())
        self.fields["families"].choices = [(f.code, str(f)) for f in families]
        by_family: dict[str, list] = {}
        for row in Category.objects.filter(active=True).select_related("family"):
            by_family.setdefault(str(row.family), []).append((row.code, str(row)))
        self.fields["categories"].choices = list(by_family.items())
        self.fields["contractor"].queryset = Contractor.objects.filter(active=True)
        self.fields["units"].queryset = Unit.objects.exclude(kind=Unit.Kind.HEAD_OFFICE)
        told: dict[str, int] = {}
        if contract.pk:
            told = dict(contract.commitments.values_list("urgency", "hours"))
            rows = contract.residences.order_by("name")
            self.initial["places"] = "\n".join(f"{row.name} · {row.code}" for row in rows)
            blocks = contract.buildings.select_related("residence")
            self.initial["building_lines"] = "\n".join(
                f"{row.residence.name} · {row.residence.code}, {row.code}"
                for row in blocks.order_by("residence__name", "code")
            )
            self.initial["price_lines"] = "\n".join(
                f"{p.code}; {p.label}; {p.measure}; {p.price}" for p in contract.prices.all()
            )
        for urgency in TECHNICAL:
            self.fields[f"within_{urgency.value}"] = forms.IntegerField(
                label=str(urgency.label).capitalize(),
                required=False,
                min_value=1,
                max_value=9999,
                initial=told.get(urgency.value),
                widget=forms.NumberInput(attrs={"class": "input--short", "min": 1}),
            )

    def groups(self) -> list:
        """Return the fields in groups, for the template."""
        first = ("name", "contractor", "trade", "starts", "ends")
        within = [self[f"within_{urgency.value}"] for urgency in TECHNICAL]
        what = _("Tick what the contract covers: faults, equipment, or both.")
        return [
            group("", "", [self[name] for name in first]),
            group(
                _("What it covers"),
                what,
                [self[name] for name in ("families", "categories", "equipment_kinds")],
            ),
            group(_("Where"), "", [self["units"], self["places"], self["building_lines"]]),
            group(_("There within, hours"), "", within, style="week"),
            group(
                _("Hours and money"),
                "",
                [self[name] for name in ("hours", "flat_fee", "spend_limit", "price_lines")],
            ),
        ]

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        if not any(data.get(name) for name in ("families", "categories", "equipment_kinds")):
            self.add_error("families", _("Tick at least one kind of faults or equipment."))
        first, last = data.get("starts"), data.get("ends")
        if first and last and last < first:
            self.add_error("ends", _("The end comes before the beginning."))
        codes = [price.code for price in data.get("price_lines") or []]
        if len(set(codes)) != len(codes):
            self.add_error("price_lines", _("Two prices have the same code."))
        return data

    @transaction.atomic
    def save(self, commit: bool = True) -> MaintenanceContract:
        """Write the contract with its places, delays and prices."""
        if not self.instance.code:
            self.instance.code = free_code(MaintenanceContract, self.instance.name, most=40)
        contract = super().save(commit)
        contract.residences.set(self.cleaned_data["places"])
        contract.buildings.set(self.cleaned_data["building_lines"])
        for urgency in TECHNICAL:
            within = self.cleaned_data.get(f"within_{urgency.value}")
            rows = Commitment.objects.filter(contract=contract, urgency=urgency)
            if within:
                Commitment.objects.update_or_create(
                    contract=contract, urgency=urgency, defaults={"hours": within}
                )
            else:
                rows.delete()
        if "price_lines" in self.changed_data:
            self._write_prices(contract)
        return contract

    def _write_prices(self, contract: MaintenanceContract) -> None:
        """Write the prices by their codes; one that an order used stays as the order knows it."""
        prices = self.cleaned_data["price_lines"]
        for price in contract.prices.exclude(code__in=[price.code for price in prices]):
            with suppress(ProtectedError), transaction.atomic():
                price.delete()
        for price in prices:
            PriceItem.objects.update_or_create(
                contract=contract,
                code=price.code,
                defaults={"label": price.label, "measure": price.measure, "price": price.price},
            )
