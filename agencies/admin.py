"""Settings for a non-engineer: units with their desks and hours, closures, members, stock."""

from django.contrib import admin

from agencies.models import (
    Building,
    Closure,
    Desk,
    Equipment,
    Membership,
    OpeningHours,
    Residence,
    Sector,
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


admin.site.register([Closure, Sector, Equipment])
