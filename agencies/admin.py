"""Settings for a non-engineer: units with their desks and hours, closures, members, stock."""

from django.contrib import admin

from agencies.models import (
    Building,
    Closure,
    Commitment,
    Contractor,
    Desk,
    Equipment,
    MaintenanceContract,
    Membership,
    OnCallDuty,
    OpeningHours,
    PriceItem,
    Residence,
    Sector,
    Trade,
    Unit,
)


class HoursInline(admin.TabularInline):
    model = OpeningHours
    extra = 0


class DeskInline(admin.TabularInline):
    model = Desk
    extra = 0


@admin.register(Unit)
class UnitAdmin(admin.ModelAdmin):
    list_display = ["name", "kind", "phone", "email"]
    inlines = [DeskInline, HoursInline]


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ["user", "unit", "role", "starts", "ends"]
    list_filter = ["unit", "role"]
    raw_id_fields = ["user"]


@admin.register(Residence)
class ResidenceAdmin(admin.ModelAdmin):
    list_display = ["name", "unit", "sector", "commune"]
    list_filter = ["unit"]
    search_fields = ["name", "code"]


@admin.register(Building)
class BuildingAdmin(admin.ModelAdmin):
    list_display = ["residence", "code", "built"]
    raw_id_fields = ["residence"]


class CommitmentInline(admin.TabularInline):
    model = Commitment
    extra = 0


class PriceInline(admin.TabularInline):
    model = PriceItem
    extra = 0


@admin.register(Contractor)
class ContractorAdmin(admin.ModelAdmin):
    list_display = ["name", "email", "phone", "active"]
    list_filter = ["active", "trades"]
    search_fields = ["name", "email"]
    filter_horizontal = ["trades"]
    exclude = ["calendar_token"]


@admin.register(MaintenanceContract)
class MaintenanceContractAdmin(admin.ModelAdmin):
    list_display = ["name", "contractor", "trade", "starts", "ends", "hours", "spend_limit"]
    list_filter = ["trade", "contractor", "hours"]
    search_fields = ["name", "code"]
    filter_horizontal = ["units"]
    raw_id_fields = ["residences", "buildings"]
    inlines = [CommitmentInline, PriceInline]


@admin.register(OnCallDuty)
class OnCallDutyAdmin(admin.ModelAdmin):
    list_display = ["trade", "unit", "contractor", "phone", "starts", "ends"]
    list_filter = ["trade", "unit"]


admin.site.register([Closure, Sector, Equipment, Trade])
