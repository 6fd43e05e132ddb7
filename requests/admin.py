"""Settings for a non-engineer: the catalogue and the texts; and sight of stuck work.

Requests themselves and their events are not here: they change on the staff screens only.
"""

import re

from django import forms
from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.clock import now
from portal.settings_site import Group, ReadOnly, Setting
from requests import texts
from requests.actions import renewing, sensors
from requests.actions.catalogue import change_category
from requests.actions.open311 import make_key
from requests.mailbox_settings import MailboxAdmin
from requests.models import (
    CannedReply,
    Category,
    CategoryVersion,
    Family,
    Incident,
    Job,
    MessageText,
    Open311Key,
    PlannedWorks,
    PromiseTerm,
    Route,
    Sensor,
    Slot,
    WorkOrder,
)
from requests.previews import preview

__all__ = ["MailboxAdmin"]
HANDLED_BY = [
    ("agency_clientele", _("the agency's tenancy desk")),
    ("agency_technical", _("the agency's technical desk")),
    ("agency_guardian", _("the caretakers")),
    ("contractor_direct", _("the technical desk, straight to the contractor")),
    ("oncall_contractor", _("the technical desk, on-call contractor outside hours")),
    ("emergency_then_oncall", _("on call, after the emergency services")),
    ("crc", _("the contact centre")),
    ("hq_patrimoine", _("head office, stock direction")),
    ("hq_gestion_locative", _("head office, rent and leases")),
    ("hq_recouvrement", _("head office, rent arrears")),
    ("hq_social", _("head office, social support")),
    ("hq_legal", _("head office, legal")),
    ("hq_attribution", _("head office, allocation")),
]
ASSETS = [
    ("dwelling", _("the dwelling")),
    ("common", _("the common parts")),
    ("building", _("the building")),
    ("residence", _("the residence")),
]
TILES = [
    ("water", _("Water")),
    ("heating", _("Heating, gas")),
    ("electricity", _("Electricity")),
    ("lift", _("Lift")),
    ("door", _("Door, window")),
    ("damp", _("Damp, mould")),
    ("pests", _("Pests")),
    ("other", _("Something else")),
]


@admin.register(Family)
class FamilyAdmin(Setting):
    group, position = Group.CATALOGUE, 2
    about = _("The groups of categories and their pictures.")
    list_display = ["label_fr", "label_en", "tile", "position"]
    list_editable = ["position"]
    search_fields = ["label_fr", "label_en", "code"]

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        return ["code"] if obj else []


class SourceFilter(admin.SimpleListFilter):
    """Categories whose legal source somebody must still check."""

    title = _("sources")
    parameter_name = "sources"

    def lookups(self, request, model_admin):
        return [("check", _("to be checked"))]

    def queryset(self, request, queryset):
        return queryset.filter(legal_source__contains="[k]") if self.value() else queryset


class VersionInline(admin.TabularInline):
    """The history of a category; nobody writes it by hand."""

    model = CategoryVersion
    extra = 0
    fields = readonly_fields = ["version", "at", "by", "what"]
    can_delete = False

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    @admin.display(description=_("changes"))
    def what(self, version: CategoryVersion) -> str:
        return format_html_join(
            "\n",
            "<p>{} : {} → {}</p>",
            (
                (Category._meta.get_field(name).verbose_name, old or "—", new or "—")
                for name, (old, new) in version.changes.items()
            ),
        )


class CategoryForm(forms.ModelForm):
    handled_by = forms.ChoiceField(label=_("handled by"), choices=HANDLED_BY)
    asset = forms.ChoiceField(label=_("asset"), choices=ASSETS)
    tile = forms.ChoiceField(label=_("first-screen picture"), choices=TILES)
    ack_hours = forms.DecimalField(
        label=_("acknowledged within, hours"),
        min_value=0.01,
        max_value=9999,
        help_text=_("The news promised to the tenant. 24 hours are one working day of 8 hours."),
    )
    resolve_days = forms.DecimalField(
        label=_("resolved within, days"), min_value=0.01, max_value=9999
    )


@admin.register(Category)
class CategoryAdmin(Setting):
    group, position = Group.CATALOGUE, 1
    about = _("What can be asked or reported, in which words, and within which deadlines.")
    form = CategoryForm
    list_display = [
        "code",
        "label_fr",
        "family",
        "urgency",
        "ack_hours",
        "resolve_days",
        "active",
        "to_check",
    ]
    list_display_links = ["code", "label_fr"]
    list_editable = ["urgency", "ack_hours", "resolve_days", "active"]
    list_filter = [SourceFilter, "family", "urgency", "responsible", "active"]
    list_select_related = ["family"]
    search_fields = ["code", "label_fr", "label_en", "plain_language_fr", "plain_language_en"]
    readonly_fields = ["version", "sources"]
    inlines = [VersionInline]
    fieldsets = [
        (None, {"fields": ["code", "family", "active", "version"]}),
        (
            _("In the tenant's words"),
            {
                "fields": [
                    "label_fr",
                    "label_en",
                    "plain_language_fr",
                    "plain_language_en",
                    "safety_advice_fr",
                    "safety_advice_en",
                ]
            },
        ),
        (
            _("Deadlines and who handles it"),
            {"fields": ["urgency", "ack_hours", "resolve_days", "responsible", "handled_by"]},
        ),
        (
            _("Where it is offered"),
            {"fields": ["tile", "public_rank", "asset", "collective", "sensitive"]},
        ),
        (
            _("Where it comes from"),
            {
                "fields": ["sources", "legal_source"],
                "description": _("Write [v] after a source you checked, [k] after one to check."),
            },
        ),
    ]

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        return [*self.readonly_fields, "code"] if obj else self.readonly_fields

    @admin.display(description=_("sources"))
    def to_check(self, category: Category) -> str:
        return gettext("to be checked") if "[k]" in category.legal_source else ""

    @admin.display(description=_("sources"))
    def sources(self, category: Category) -> str:
        marks = {
            "k": ("check", gettext("to be checked")),
            "v": ("sure", gettext("checked")),
        }
        parts = []
        for part in filter(None, (p.strip() for p in category.legal_source.split(";"))):
            text, _space, mark = re.sub(r"\[([kv])\]$", r"\n\1", part).partition("\n")
            style, label = marks.get(mark, marks["k"])
            parts.append((text.strip(), style, label))
        return format_html_join("\n", '<p>{} <span class="mark mark--{}">{}</span></p>', parts)

    def save_model(self, request, obj, form, change) -> None:
        if not change:
            super().save_model(request, obj, form, change)
        elif form.changed_data:
            before = {name: form.initial.get(name) for name in form.changed_data}
            change_category(category=obj, before=before, by=request.user, now=now())
            if before.keys() & {"ack_hours", "resolve_days"}:
                renewing.category_changed(obj)


class MessageTextForm(forms.ModelForm):
    class Meta:
        widgets = {"body": forms.Textarea(attrs={"rows": 10, "cols": 60})}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "body" in self.fields:
            self.fields["body"].help_text = texts.known_variables()


@admin.register(MessageText)
class MessageTextAdmin(Setting):
    group, position = Group.CATALOGUE, 3
    about = _("Your own words for the messages, in the place of Palier's.")
    form = MessageTextForm
    list_display = ["event", "channel", "language", "active"]
    list_display_links = ["event"]
    list_editable = ["active"]
    list_filter = ["event", "channel", "language", "active"]
    search_fields = ["body"]
    fields = ["event", "channel", "language", "body", "active", "shown"]
    readonly_fields = ["shown"]
    may_delete = True

    @admin.display(description=_("preview on a real request, as saved"))
    def shown(self, text: MessageText) -> str:
        if not text.pk:
            return gettext("Save first, then see it here.")
        return format_html('<div class="preview" lang="{}">{}</div>', text.language, preview(text))


@admin.register(Open311Key)
class Open311KeyAdmin(Setting):
    group, position = Group.OTHER, 20
    about = _("Applications that may report faults of common parts through Open311.")
    list_display = ["name", "start", "contact", "per_minute", "active", "made_at", "made_by"]
    list_editable = ["active"]
    search_fields = ["name", "contact"]
    fields = ["name", "contact", "per_minute", "active"]

    def save_model(self, request, obj, form, change) -> None:
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
    def new_key(self, request, queryset) -> None:
        for sensor in queryset:
            said = _("%(name)s – copy this key now, it is never shown again: %(key)s")
            self.message_user(
                request, said % {"name": sensor.name, "key": sensors.make_key(sensor)}
            )


@admin.register(CannedReply)
class CannedReplyAdmin(Setting):
    group, position = Group.CATALOGUE, 4
    about = _("Replies that are often written, inserted from the inbox and filled in.")
    form = MessageTextForm
    list_display = ["name", "unit", "language"]
    list_filter = ["unit", "language"]
    search_fields = ["name", "body"]
    fields = ["name", "unit", "language", "body"]
    may_delete = True

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        if "body" in form.base_fields:  # who only reads has no field
            form.base_fields["body"].help_text = texts.known_variables(without={"text"})
        return form


@admin.register(PromiseTerm)
class PromiseTermAdmin(Setting):
    """Every change reckons the open promises again, by a job."""

    group, position = Group.CATALOGUE, 4
    about = _("How long each promise is, where it differs from the catalogue.")
    list_display = ["kind", "urgency", "category", "hours"]
    list_filter = ["kind", "urgency"]
    autocomplete_fields = ["category"]
    may_delete = True

    def save_model(self, request, obj, form, change) -> None:
        super().save_model(request, obj, form, change)
        renewing.terms_changed()

    def delete_model(self, request, obj) -> None:
        super().delete_model(request, obj)
        renewing.terms_changed()

    def delete_queryset(self, request, queryset) -> None:
        super().delete_queryset(request, queryset)
        renewing.terms_changed()


@admin.register(Route)
class RouteAdmin(Setting):
    group, position = Group.CATALOGUE, 4
    about = _("Ombudsman and conciliation commission: how tenants reach them.")
    list_display = ["kind", "name", "phone"]
    may_delete = True


@admin.register(Job)
class JobAdmin(ReadOnly):
    """The dead-letter screen: filter on undone rows with many attempts, and try again."""

    group, position = Group.WATCH, 1
    about = _("Work that failed and waits for a person. It can be tried again.")
    list_display = ["kind", "key", "next_at", "attempts", "done_at", "error"]
    list_filter = ["kind", ("done_at", admin.EmptyFieldListFilter), "attempts"]
    actions = ["try_again"]

    @admin.action(description=_("Try again"))
    def try_again(self, request, queryset) -> None:
        count = queryset.filter(done_at__isnull=True).update(attempts=0, next_at=now())
        self.message_user(request, _("%(number)s tried again.") % {"number": count})

    def has_try_permission(self, request) -> bool:
        return request.user.has_perm("requests.change_job")

    try_again.allowed_permissions = ["try"]


@admin.register(Incident)
class IncidentAdmin(ReadOnly):
    """What neighbours read; the requests under it stay on the staff screens."""

    group, position = Group.WATCH, 2
    about = _("Faults that many households feel. They are opened and closed by the agencies.")
    list_display = ["title", "building", "opened_at", "expected_end", "closed_at"]
    list_filter = [("closed_at", admin.EmptyFieldListFilter), "building__residence__unit"]
    search_fields = ["title", "building__residence__name"]
    list_select_related = ["building__residence"]
    date_hierarchy = "opened_at"


@admin.register(PlannedWorks)
class PlannedWorksAdmin(ReadOnly):
    group, position = Group.WATCH, 3
    about = _("Works announced to tenants. They are announced and changed by the agencies.")
    list_display = ["title", "kind", "residence", "starts", "ends", "cancelled_at"]
    list_filter = ["kind", "residence__unit"]
    search_fields = ["title", "residence__name"]
    list_select_related = ["residence"]
    exclude = ["dwellings"]
    date_hierarchy = "starts"


@admin.register(WorkOrder)
class WorkOrderAdmin(ReadOnly):
    """State and money only: the words and the door code are the tenant's."""

    group, position = Group.WATCH, 4
    about = _("Orders to contractors: how they stand and what they cost. Not whose they are.")
    list_display = ["__str__", "contractor", "state", "amount", "created_at", "done_at"]
    list_filter = ["state", "contractor", "emergency"]
    search_fields = ["claim__reference", "contractor__name"]
    list_select_related = ["claim", "contractor"]
    date_hierarchy = "created_at"
    fields = [
        "contractor",
        "contract",
        "purpose",
        "state",
        "payer",
        "amount",
        "spend_limit",
        "emergency",
        "respond_by",
        "created_at",
        "sent_at",
        "done_at",
        "ended_at",
    ]


@admin.register(Slot)
class SlotAdmin(ReadOnly):
    group, position = Group.WATCH, 5
    about = _("When contractors can come. They publish it themselves, or the agencies do.")
    list_display = ["contractor", "team", "starts", "ends"]
    list_filter = ["contractor"]
    list_select_related = ["contractor"]
    date_hierarchy = "starts"
