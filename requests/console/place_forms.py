"""Units, desks, hours, closures, sectors and the on-call ladder."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies import calendar_changes
from agencies.desk_kinds import DeskKind
from agencies.models import (
    Closure,
    Desk,
    OnCallDuty,
    OnCallRung,
    OpeningHours,
    Residence,
    Sector,
    Unit,
)
from agencies.unit_names import Article
from agencies.units import AGENCY_DESKS, HEAD_DESKS
from agencies.week_text import Span, Unreadable, parse_day
from portal.dates import hours
from requests.console.setting_fields import Ticks, free_code
from requests.kit.fields import DayInput, MomentInput

WEEKDAYS = list(OpeningHours.Weekday)


class WeekMixin(forms.Form):
    """Seven lines, one a day."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day in WEEKDAYS:
            self.fields[f"day_{day.value}"] = forms.CharField(
                label=str(day.label).capitalize(),
                required=False,
                max_length=120,
                widget=forms.TextInput(attrs={"class": "input--hours"}),
            )

    def week_initial(self, rows) -> dict[str, str]:
        """Return the lines of a stored week."""
        lines: dict[str, str] = {}
        for row in rows:
            name, span = f"day_{row.weekday}", hours(row)
            lines[name] = f"{lines[name]}, {span}" if name in lines else span
        return lines

    def clean_week(self) -> list[tuple[int, Span]]:
        """Return the spans of the week; adds a mistake to each line that cannot be read."""
        found = []
        for day in WEEKDAYS:
            name = f"day_{day.value}"
            try:
                spans = parse_day(self.cleaned_data.get(name) or "")
            except Unreadable:
                said = _("Write hours like 8:30–12:30, 13:30–17:30; nothing for a closed day.")
                self.add_error(name, said)
            else:
                found += [(day.value, span) for span in spans]
        return found

    def week_fields(self) -> Iterator:
        """Yield the seven fields, for the template."""
        return (self[f"day_{day.value}"] for day in WEEKDAYS)


def write_week(unit: Unit | None, week: list[tuple[int, Span]]) -> None:
    """Replace the week of a unit, or the landlord's usual one."""
    OpeningHours.objects.filter(unit=unit).delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(unit=unit, weekday=day, opens=opens, closes=closes)
        for day, (opens, closes) in week
    )


class UnitForm(WeekMixin, forms.ModelForm):
    """A unit with its desks and its week."""

    desks = forms.MultipleChoiceField(
        label=gettext_lazy("Desks"),
        choices=DeskKind.choices,
        required=False,
        widget=Ticks,
        help_text=gettext_lazy("None ticked: the usual ones of an agency, or of head office."),
    )

    class Meta:
        model = Unit
        fields = ("name", "article", "kind", "phone", "email", "address", "holiday_region")
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        instance = kwargs.get("instance")
        super().__init__(*args, **kwargs)
        self.fields["name"].error_messages["required"] = gettext_lazy("Write the name of the unit.")
        self.fields["article"].required = False
        if instance and instance.pk:
            self.initial["desks"] = list(instance.desks.values_list("kind", flat=True))
            self.initial.update(self.week_initial(instance.hours.order_by("weekday", "opens")))
        else:
            self.initial["kind"] = self.initial.get("kind") or Unit.Kind.AGENCY

    def groups(self) -> list[SimpleNamespace]:
        """Return the fields in groups, for the template."""
        week = _("Nothing on any day: the usual week of the landlord. “Closed” for a day off.")
        return [
            group("", "", [self[name] for name in (*self.Meta.fields, "desks")]),
            group(_("Opening hours"), week, list(self.week_fields()), style="week"),
        ]

    def clean(self) -> dict:
        super().clean()
        self.week = self.clean_week()
        if self.cleaned_data.get("kind") == Unit.Kind.HEAD_OFFICE:
            others = Unit.objects.filter(kind=Unit.Kind.HEAD_OFFICE).exclude(pk=self.instance.pk)
            if others.exists():
                self.add_error("kind", _("There is a head office already."))
        self._check_desks()
        return self.cleaned_data

    def clean_article(self) -> str:
        return self.cleaned_data["article"] or Article.AUTOMATIC

    def _check_desks(self) -> None:
        """Refuse to take away a desk that owns requests or people."""
        wanted = set(self.cleaned_data.get("desks") or [])
        if not self.instance.pk or not wanted:
            return
        for desk in self.instance.desks.exclude(kind__in=wanted):
            try:
                with transaction.atomic():
                    desk.delete()
                    transaction.set_rollback(True)
            except ProtectedError:
                said = _("“%(desk)s” has had requests: it stays.") % {"desk": desk.name}
                self.add_error("desks", said)

    @transaction.atomic
    def save(self, commit: bool = True) -> Unit:
        """Write unit, desks and week; a new unit gets the usual desks."""
        unit = self.instance
        if not unit.code:
            unit.code = free_code(Unit, unit.name)
        super().save(commit=commit)
        usual = HEAD_DESKS if unit.kind == Unit.Kind.HEAD_OFFICE else AGENCY_DESKS
        wanted = [DeskKind(kind) for kind in self.cleaned_data["desks"]]
        there = set(unit.desks.values_list("kind", flat=True))
        if wanted:
            unit.desks.exclude(kind__in=wanted).delete()
        Desk.objects.bulk_create(
            Desk(unit=unit, kind=kind, name=str(kind.label))
            for kind in wanted or ([] if there else usual)
            if kind not in there
        )
        if any(name.startswith("day_") for name in self.changed_data):
            write_week(unit, self.week)
        return unit

    def after(self) -> None:
        """Date promises again where the calendar changed."""
        calendar = {name for name in self.changed_data if name.startswith("day_")}
        if calendar | ({"holiday_region"} & set(self.changed_data)):
            calendar_changes.report_calendar_change(self.instance)


def group(title: str, hint: str, fields: list, style: str = "") -> SimpleNamespace:
    """Return fields that stand together under a title."""
    return SimpleNamespace(title=title, hint=hint, fields=fields, style=style)


class UsualWeekForm(WeekMixin):
    """The week of every unit that has none of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = OpeningHours.objects.filter(unit=None).order_by("weekday", "opens")
        self.initial.update(self.week_initial(stored))

    def clean(self) -> dict:
        super().clean()
        self.week = self.clean_week()
        if not self.week and not self.errors:
            self.add_error("day_0", _("Give the hours of one day at least."))
        return self.cleaned_data

    @transaction.atomic
    def save(self) -> None:
        write_week(None, self.week)
        calendar_changes.report_calendar_change(None)


class DeskForm(forms.ModelForm):
    """How a desk is called."""

    class Meta:
        model = Desk
        fields = ("name",)


class SectorForm(forms.ModelForm):
    class Meta:
        model = Sector
        fields = ("name", "unit")


class ResidenceForm(forms.ModelForm):
    class Meta:
        model = Residence
        fields = ("name", "sector", "district", "priority_district")
        help_texts = {
            "district": gettext_lazy("Written alike for all residences of it: figures compare it.")
        }


class ClosureForm(forms.ModelForm):
    class Meta:
        model = Closure
        fields = ("label", "unit", "first_day", "last_day")
        widgets = {"first_day": DayInput(), "last_day": DayInput()}

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day comes before the first."))
        return data


class RungForm(forms.ModelForm):
    class Meta:
        model = OnCallRung
        fields = ("unit", "position", "name", "phone", "minutes", "hours")
        widgets = {"phone": forms.TextInput(attrs={"type": "tel"})}


class DutyForm(forms.ModelForm):
    class Meta:
        model = OnCallDuty
        fields = ("trade", "unit", "contractor", "phone", "starts", "ends")
        widgets = {
            "starts": MomentInput(),
            "ends": MomentInput(),
            "phone": forms.TextInput(attrs={"type": "tel"}),
        }

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        if data.get("starts") and data.get("ends") and data["ends"] <= data["starts"]:
            self.add_error("ends", _("The end comes before the beginning."))
        return data
