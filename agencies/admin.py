"""Settings of the landlord, its teams and its stock, for a person who is no engineer."""

from django import forms
from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import calendar_changes, landlord_admin, roles  # noqa: F401 - registers its page
from agencies.models import (
    Building,
    Closure,
    Commitment,
    Contractor,
    Desk,
    Dwelling,
    Equipment,
    MaintenanceContract,
    Membership,
    OnCallDuty,
    OnCallRung,
    OpeningHours,
    PriceItem,
    Residence,
    Sector,
    Staircase,
    Trade,
    Unit,
    UpkeepPeriod,
    UpkeepVisit,
)
from agencies.units import starting_desks, starting_hours
from portal.clock import now
from portal.settings_site import Group, ReadOnly, Setting


class InForce(admin.SimpleListFilter):
    """Memberships of today, or those that ended."""

    title = _("in force")
    parameter_name = "in_force"

    def lookups(self, request, model_admin):
        return [("yes", _("today")), ("no", _("ended"))]

    def queryset(self, request, queryset):
        ended = {"ends__lt": timezone.localdate()}
        if self.value() == "yes":
            return queryset.exclude(**ended)
        return queryset.filter(**ended) if self.value() == "no" else queryset


class HoursInline(admin.TabularInline):
    model = OpeningHours
    extra = 0
    verbose_name_plural = _("Opening hours: lunch makes two lines; none means the usual week")


class ClosureInline(admin.TabularInline):
    model = Closure
    extra = 0
    verbose_name_plural = _("Days on which this unit is closed")


class DeskInline(admin.TabularInline):
    model = Desk
    extra = 0
    can_delete = False
    verbose_name_plural = _("Desks: every request is on one of them")


@admin.register(Unit)
class UnitAdmin(Setting):
    group, position = Group.HOUSE, 2
    about = _("Head office, agencies and branches, with their desks, hours and closures.")
    list_display = ["name", "kind", "phone", "email"]
    list_filter = ["kind"]
    search_fields = ["name", "code"]
    inlines = [DeskInline, HoursInline, ClosureInline]

    def save_related(self, request, form, formsets, change) -> None:
        """Give a new unit without desks or hours the usual ones, so that it can answer."""
        super().save_related(request, form, formsets, change)
        unit = form.instance
        if not unit.desks.exists():
            Desk.objects.bulk_create(starting_desks(unit))
        if not change and not unit.hours.exists():
            OpeningHours.objects.bulk_create(starting_hours(unit))
        moved = {"holiday_region", "time_zone"} & set(form.changed_data)
        if change and (moved or any(f.has_changed() for f in formsets if f.model is not Desk)):
            calendar_changes.report_calendar_change(unit)


class OfTheCalendar(Setting):
    """A setting by which promises are dated: each change recalculates the open ones."""

    def save_model(self, request, obj, form, change) -> None:
        super().save_model(request, obj, form, change)
        if form.changed_data:
            # A row that moves to another unit concerns both: recalculate every promise.
            calendar_changes.report_calendar_change(
                None if "unit" in form.changed_data and change else obj.unit
            )

    def delete_model(self, request, obj) -> None:
        super().delete_model(request, obj)
        calendar_changes.report_calendar_change(obj.unit)

    def delete_queryset(self, request, queryset) -> None:
        super().delete_queryset(request, queryset)
        calendar_changes.report_calendar_change(None)


@admin.register(OpeningHours)
class UsualWeekAdmin(OfTheCalendar):
    group, position = Group.HOUSE, 3
    about = _("The usual week, for the units that have no hours of their own.")
    list_display = ["weekday", "opens", "closes"]
    list_display_links = ["weekday"]
    list_editable = ["opens", "closes"]
    exclude = ["unit"]
    may_delete = True

    def get_queryset(self, request):
        return super().get_queryset(request).filter(unit__isnull=True)


@admin.register(Closure)
class ClosureAdmin(OfTheCalendar):
    group, position = Group.HOUSE, 4
    about = _("Days off beside the national holidays: deadlines do not run on them.")
    list_display = ["label", "unit", "first_day", "last_day"]
    list_filter = ["unit"]
    date_hierarchy = "first_day"
    may_delete = True


@admin.register(Desk)
class DeskAdmin(Setting):
    group, position = Group.HOUSE, 5
    about = _("Where requests arrive. Their names are shown to your colleagues.")
    list_display = ["__str__", "kind", "name"]
    list_editable = ["name"]
    list_filter = ["unit", "kind"]
    search_fields = ["name", "unit__name"]
    list_select_related = ["unit"]


@admin.register(Sector)
class SectorAdmin(Setting):
    group, position = Group.HOUSE, 6
    about = _("The part of an agency’s stock that one person follows.")
    list_display = ["name", "unit"]
    list_filter = ["unit"]
    search_fields = ["name", "unit__name"]


class MembershipForm(forms.ModelForm):
    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        unit = data.get("unit")
        # The model's own check does not see what waits for a second person.
        same = {name: data.get(name) for name in ("user", "unit", "role")}
        waiting = Membership.everything.filter(pending=True, **same)
        if all(same.values()) and waiting.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("This role already waits for a second person."))
        for sector in data.get("sectors") or []:
            if unit and sector.unit_id != unit.pk:
                self.add_error(
                    "sectors",
                    _("%(sector)s belongs to another unit.") % {"sector": sector},
                )
        return data


@admin.register(Membership)
class MembershipAdmin(Setting):
    group, position = Group.PEOPLE, 1
    about = _("Who does what, where, from when to when. A second person confirms most roles.")
    form = MembershipForm
    list_display = ["user", "unit", "role", "starts", "ends", "pending"]
    list_filter = [InForce, "unit", "role"]
    search_fields = ["user__email", "user__first_name", "user__last_name"]
    autocomplete_fields = ["user", "sectors"]
    list_select_related = ["user", "unit"]
    actions = ["end_now"]

    def get_queryset(self, request):
        return Membership.everything.order_by("pk")

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        # Another person, unit or role is another membership, for a second person to confirm.
        return ["user", "unit", "role", "contractor"] if obj else []

    def save_model(self, request, obj, form, change) -> None:
        """Let a second person confirm what opens requests, or opens again after its end."""
        today = timezone.localdate()
        before = Membership.everything.filter(pk=obj.pk).first()
        ended = before is not None and before.ends is not None and before.ends < today
        again = ended and (obj.ends is None or obj.ends >= today)
        if not roles.takes_two(obj.role) or not (before is None or again):
            super().save_model(request, obj, form, change)
            return
        roles.ask(obj, by=request.user, now=now())
        if obj.pending:
            said = _("This role waits until somebody else confirms it: see “Roles to confirm”.")
            self.message_user(request, said, messages.WARNING)

    @admin.action(description=_("End the access now"))
    def end_now(self, request, queryset) -> None:
        for membership in queryset:
            roles.end_now(membership, by=request.user, now=now())

    def get_changeform_initial_data(self, request) -> dict:
        return {"starts": timezone.localdate()} | super().get_changeform_initial_data(request)


class BuildingInline(admin.TabularInline):
    model = Building
    extra = 0
    can_delete = False
    show_change_link = True


@admin.register(Residence)
class ResidenceAdmin(Setting):
    group, position = Group.STOCK, 1
    about = _("Names, agencies and sectors of the residences.")
    list_display = ["name", "unit", "sector", "postcode", "commune"]
    list_editable = ["sector"]
    list_filter = ["unit", "priority_district", "sector"]
    search_fields = ["name", "code", "commune", "postcode"]
    list_select_related = ["unit", "sector"]
    inlines = [BuildingInline]


class PeriodInline(admin.TabularInline):
    """How often visits are due, where it differs from the usual period."""

    model = UpkeepPeriod
    extra = 0
    verbose_name_plural = _("How often visits are due, when it differs from the law or the usual")


class EquipmentInline(admin.TabularInline):
    model = Equipment
    extra = 0
    raw_id_fields = ["staircase"]


@admin.register(Building)
class BuildingAdmin(Setting):
    group, position = Group.STOCK, 2
    about = _("Years and coordinates of the buildings, with their equipment.")
    list_display = ["residence", "code", "built"]
    list_filter = ["residence__unit"]
    search_fields = ["code", "residence__name"]
    list_select_related = ["residence"]
    autocomplete_fields = ["residence"]
    inlines = [EquipmentInline]


@admin.register(Staircase)
class StaircaseAdmin(Setting):
    group, position = Group.STOCK, 3
    about = _("Street doors and their addresses.")
    list_display = ["street", "code", "building"]
    search_fields = ["street", "building__residence__name"]
    list_select_related = ["building__residence"]
    autocomplete_fields = ["building"]


@admin.register(Dwelling)
class DwellingAdmin(Setting):
    group, position = Group.STOCK, 4
    about = _("Doors, floors and areas of the dwellings. Not who lives there.")
    list_display = ["natural_key", "staircase", "door", "number", "floor", "rooms", "not_found_at"]
    list_filter = [("not_found_at", admin.EmptyFieldListFilter)]
    search_fields = ["natural_key", "staircase__street"]
    list_select_related = ["staircase"]
    raw_id_fields = ["staircase"]

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        # Imports recognise the dwelling by the first; the others are said on site.
        return ["natural_key", "identified_at", "identified_by"] if obj else []


@admin.register(Equipment)
class EquipmentAdmin(Setting):
    group, position = Group.STOCK, 5
    about = _("Lifts, boilers, door entry systems, and who maintains them.")
    list_display = ["label", "kind", "building", "contract", "installed"]
    list_filter = ["kind", "building__residence__unit"]
    search_fields = ["label", "contract", "building__residence__name"]
    list_select_related = ["building__residence"]
    autocomplete_fields = ["building", "staircase"]
    inlines = [PeriodInline]


class CommitmentInline(admin.TabularInline):
    model = Commitment
    extra = 0


class PriceInline(admin.TabularInline):
    model = PriceItem
    extra = 0


@admin.register(Contractor)
class ContractorAdmin(Setting):
    group, position = Group.STOCK, 6
    about = _("Who works for us, and how they are reached.")
    list_display = ["name", "email", "phone", "active"]
    list_filter = ["active", "trades"]
    search_fields = ["name", "email"]
    filter_horizontal = ["trades"]
    exclude = ["calendar_token"]


@admin.register(MaintenanceContract)
class MaintenanceContractAdmin(Setting):
    group, position = Group.STOCK, 7
    about = _("What each contract covers, its hours, prices and limits.")
    list_display = ["name", "contractor", "trade", "starts", "ends", "hours", "spend_limit"]
    list_filter = ["trade", "contractor", "hours"]
    search_fields = ["name", "code"]
    filter_horizontal = ["units"]
    raw_id_fields = ["residences", "buildings"]
    inlines = [CommitmentInline, PriceInline, PeriodInline]


@admin.register(OnCallDuty)
class OnCallDutyAdmin(Setting):
    group, position = Group.STOCK, 8
    about = _("Who is called at night and on Sundays, by trade.")
    list_display = ["trade", "unit", "contractor", "phone", "starts", "ends"]
    list_filter = ["trade", "unit"]


@admin.register(OnCallRung)
class OnCallRungAdmin(Setting):
    group, position = Group.HOUSE, 7
    about = _("Who is rung about a danger, in which order, until somebody takes it in hand.")
    list_display = ["unit", "position", "name", "phone", "minutes", "hours"]
    list_filter = ["unit", "hours"]


@admin.register(UpkeepVisit)
class UpkeepVisitAdmin(ReadOnly):
    group, position = Group.STOCK, 10
    about = _("Visits made on lifts and boilers. They are noted on the page of the machine.")
    list_display = ["equipment", "what", "done_on", "company"]
    list_filter = ["what", "equipment__building__residence__unit"]
    search_fields = ["equipment__label", "equipment__building__residence__name", "company"]
    list_select_related = ["equipment"]
    date_hierarchy = "done_on"


@admin.register(Trade)
class TradeAdmin(Setting):
    group, position = Group.STOCK, 9
    about = _("The trades of contractors.")
    list_display = ["label_fr", "code"]
