"""Settings of machines that report, each with its key: Open311 applications and sensors."""

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.clock import now
from portal.settings_site import Group, Setting
from requests.open311.actions import make_key
from requests.open311.models import Open311Key
from requests.sensors import actions as sensors
from requests.sensors.models import Sensor


@admin.register(Open311Key)
class Open311KeyAdmin(Setting):
    group, position = Group.OTHER, 20
    about = _("Applications that may report faults of common parts through Open311.")
    list_display = ["name", "start", "contact", "per_minute", "active", "made_at", "made_by"]
    list_editable = ["active"]
    search_fields = ["name", "contact"]
    fields = ["name", "contact", "per_minute", "media_hosts", "active"]

    def save_model(
        self, request: HttpRequest, obj: Open311Key, form: ModelForm, change: bool
    ) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        key = make_key(obj, now=now(), by=request.user)
        said = _("Copy this key now, it is not kept and is never shown again: %(key)s")
        self.message_user(request, said % {"key": key})


@admin.register(Sensor)
class SensorAdmin(Setting):
    group, position = Group.OTHER, 21
    about = _("What watches the equipment, and from which value it reports a fault.")
    list_display = ["name", "slug", "category", "above", "below", "last_value", "last_at", "active"]
    list_editable = ["active"]
    list_select_related = ["category"]
    search_fields = ["name", "slug"]
    raw_id_fields = ["equipment", "building"]
    actions = ["new_key"]

    @admin.action(description=_("Give a new key"), permissions=["change"])
    def new_key(self, request: HttpRequest, queryset: QuerySet) -> None:
        for sensor in queryset:
            said = _("%(name)s – copy this key now, it is never shown again: %(key)s")
            self.message_user(
                request, said % {"name": sensor.name, "key": sensors.make_key(sensor)}
            )
