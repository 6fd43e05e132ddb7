"""Forms about people: invite, move, leave, and a file of many."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.models import Contractor, Desk, Membership, Sector, Unit
from portal.access import MEMBER_ROLES, Role
from requests.console.holdings import Held
from requests.console.setting_fields import OfUnit
from requests.kit.fields import DayInput

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

FOLDED = frozenset({"desks", "sectors", "contractor"})
LARGEST = 2 * 1024 * 1024  # bytes of a file of staff
# What each role is for, in the words of those who choose.
ROLE_HINTS: dict[str, "StrOrPromise"] = {
    Role.AGENT: gettext_lazy("answers the requests of one unit"),
    Role.AGENCY_MANAGER: gettext_lazy("the same, and the unit’s rules, figures and people away"),
    Role.CALL_TAKER: gettext_lazy("takes calls for every unit"),
    Role.ON_CALL: gettext_lazy("answers dangers, day and night, for every unit"),
    Role.CARETAKER: gettext_lazy("own buildings and rounds, on a phone"),
    Role.HEAD_OFFICE: gettext_lazy("sees every unit and its figures; confirms roles"),
    Role.ADMIN: gettext_lazy("this console; reads no request"),
    Role.DPO: gettext_lazy("persons’ rights and who read what; reads no request"),
    Role.CONTRACTOR: gettext_lazy("the orders of one company"),
    Role.TENANT_REPRESENTATIVE: gettext_lazy("figures of buildings"),
}


def name_of(member: Membership) -> str:
    """Return how a person stands in a list."""
    return f"{member.user} · {member.get_role_display()}"


class WithUnit(forms.ModelMultipleChoiceField):
    """Desks or sectors, each with its unit: without scripts all of them are shown."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.unit.name} · {getattr(obj, 'name', obj)}"


class PlaceForm(forms.Form):
    """A role in a unit, with desks and sectors of it."""

    role = forms.ChoiceField(
        label=gettext_lazy("Role"), error_messages={"required": gettext_lazy("Choose a role.")}
    )
    unit = forms.ModelChoiceField(
        label=gettext_lazy("Unit"),
        queryset=Unit.objects.all(),
        error_messages={"required": gettext_lazy("Choose a unit.")},
    )
    desks = WithUnit(
        label=gettext_lazy("Desks"),
        queryset=Desk.objects.select_related("unit"),
        required=False,
        widget=OfUnit,
        help_text=gettext_lazy("None ticked: every desk of the unit that nobody sits at."),
    )
    sectors = WithUnit(
        label=gettext_lazy("Sectors"),
        queryset=Sector.objects.select_related("unit").order_by("unit__name", "name"),
        required=False,
        widget=OfUnit,
        help_text=gettext_lazy("None ticked: the whole unit."),
    )
    contractor = forms.ModelChoiceField(
        label=gettext_lazy("Company"),
        queryset=Contractor.objects.filter(active=True),
        required=False,
        empty_label=gettext_lazy("None"),
        help_text=gettext_lazy("For the role “Contractor” only."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", "—")] + [
            (role.value, f"{role.label} – {ROLE_HINTS[role]}") for role in MEMBER_ROLES
        ]
        if not Sector.objects.exists():
            del self.fields["sectors"]
        if not Contractor.objects.exists():
            del self.fields["contractor"]

    def first_fields(self) -> list:
        """Return the fields that everybody needs."""
        return [field for field in self if field.name not in FOLDED]

    def folded_fields(self) -> list:
        """Return those that stand folded: lists of every unit's desks are long without scripts."""
        return [field for field in self if field.name in FOLDED]

    def unfolded(self) -> bool:
        """Return whether one of the folded fields has a mistake."""
        return any(field.errors for field in self.folded_fields())

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        unit, role = data.get("unit"), data.get("role")
        for name in ("desks", "sectors"):
            wrong = [row for row in data.get(name) or [] if unit and row.unit_id != unit.pk]
            if wrong:
                told = {
                    "name": ", ".join(str(getattr(r, "name", r)) for r in wrong),
                    "unit": unit.of if unit else "",
                }
                self.add_error(name, _("Not of %(unit)s: %(name)s.") % told)
        company = data.get("contractor")
        if role == Role.CONTRACTOR and not company:
            where = "contractor" if "contractor" in self.fields else "role"
            self.add_error(where, _("Name the company of this person, or add it first."))
        elif role and role != Role.CONTRACTOR and company:
            self.add_error("contractor", _("Only for the role “Contractor”."))
        return data


class InviteForm(PlaceForm):
    """Somebody new: address and name first."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        error_messages={
            "required": gettext_lazy("Write the person’s e-mail address."),
            "invalid": gettext_lazy("Check this address: it should look like name@example.org."),
        },
    )
    first_name = forms.CharField(
        label=gettext_lazy("First name"),
        max_length=80,
        error_messages={"required": gettext_lazy("Write the first name: tenants read it.")},
    )
    last_name = forms.CharField(
        label=gettext_lazy("Last name"),
        max_length=80,
        error_messages={"required": gettext_lazy("Write the last name.")},
    )
    field_order = ("email", "first_name", "last_name", "role", "unit", "desks", "sectors")


class TakerForm(forms.Form):
    """Who takes over what somebody has in hand."""

    taker = forms.ModelChoiceField(
        label=gettext_lazy("Who takes over"),
        queryset=Membership.objects.none(),
        required=False,
        empty_label=gettext_lazy("Nobody in person: it goes back to the desks"),
    )

    def __init__(
        self, *args: Any, takers: QuerySet[Membership], held: Iterable[Held] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.held = list(held)
        self.fields["taker"].queryset = takers
        self.fields["taker"].label_from_instance = name_of


class MoveForm(PlaceForm):
    """Another role, unit, desk or sector; and who takes over what is in hand there."""

    taker = forms.ModelChoiceField(
        label=gettext_lazy("If the unit or the role changes: who takes over"),
        queryset=Membership.objects.none(),
        required=False,
        empty_label=gettext_lazy("Nobody in person: it goes back to the desks"),
    )
    presence = forms.CharField(
        label=gettext_lazy("Where and when tenants find them"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("For caretakers: lodge and hours, shown in their buildings."),
    )
    ends = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=DayInput(),
        help_text=gettext_lazy("If it is known: the access ends by itself that evening."),
        error_messages={"invalid": gettext_lazy("Write a date.")},
    )

    def __init__(self, *args: Any, takers: QuerySet[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["taker"].queryset = takers
        self.fields["taker"].label_from_instance = name_of


class NamesForm(forms.Form):
    """How somebody is called."""

    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=80)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=80)


class StaffFileForm(forms.Form):
    """A file of staff to read."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV or XLSX, one person a line. Nobody is invited before you look at it."
        ),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty. Export it again, then choose the new one."),
        },
    )

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("This file is over 2 MB. Cut it in several parts."))
        return file.read()
