"""Settings of the catalogue: what can be asked, how soon we promise it, and whom to turn to."""

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.clock import now
from portal.settings_site import Group, Setting
from requests.catalogue.actions import change_category, product_rows
from requests.catalogue.models import Category, CategoryVersion, Family
from requests.complaints.models import Route
from requests.promises import recalculation
from requests.promises.models import PromiseTerm

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

HANDLED_BY = [
    ("agency_clientele", _("the agency’s tenancy desk")),
    ("agency_technical", _("the agency’s technical desk")),
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

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []


class SourceFilter(admin.SimpleListFilter):
    """Find categories whose legal source somebody must still check."""

    title = _("sources")
    parameter_name = "sources"

    def lookups(
        self, request: HttpRequest, model_admin: ModelAdmin
    ) -> list[tuple[str, "StrOrPromise"]]:
        return [("check", _("to be checked"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(legal_source__contains="[k]") if self.value() else queryset


def _label(name: str) -> "StrOrPromise":
    return getattr(Category._meta.get_field(name), "verbose_name", name)


class VersionInline(admin.TabularInline):
    """Show the history of a category; nobody writes it by hand."""

    model = CategoryVersion
    extra = 0
    fields = readonly_fields = ("version", "at", "by", "what")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("changes"))
    def what(self, version: CategoryVersion) -> str:
        return format_html_join(
            "\n",
            "<p>{} : {} → {}</p>",
            (
                (_label(name), old or "—", new or "—")
                for name, (old, new) in version.changes.items()
            ),
        )


class CategoryForm(forms.ModelForm):
    handled_by = forms.ChoiceField(label=_("handled by"), choices=HANDLED_BY)
    asset = forms.ChoiceField(label=_("asset"), choices=ASSETS)
    tile = forms.ChoiceField(label=_("first-screen picture"), choices=TILES)
    picture = forms.ChoiceField(
        label=_("picture of the fault"),
        required=False,
        help_text=_("Nothing chosen: the picture of its family."),
    )
    ack_hours = forms.DecimalField(
        label=_("acknowledged within, hours"),
        min_value=0.01,
        max_value=9999,
        help_text=_("The news promised to the tenant. 24 hours are one working day of 8 hours."),
    )
    resolve_days = forms.DecimalField(
        label=_("resolved within, days"), min_value=0.01, max_value=9999
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A picture is named by the fault that the product draws with it.
        drawn = {row["picture"]: row["label_fr"] for row in reversed(product_rows())}
        drawn[""] = "—"
        self.fields["picture"].choices = sorted(drawn.items(), key=lambda item: item[1])


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
            _("In the tenant’s words"),
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
            {"fields": ["tile", "picture", "public_rank", "asset", "collective", "sensitive"]},
        ),
        (
            _("Where it comes from"),
            {
                "fields": ["sources", "legal_source"],
                "description": _("Write [v] after a source you checked, [k] after one to check."),
            },
        ),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
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

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
        elif form.changed_data:
            before = {name: form.initial.get(name) for name in form.changed_data}
            change_category(category=obj, before=before, by=request.user, now=now())
            if before.keys() & {"ack_hours", "resolve_days"}:
                recalculation.category_changed(obj)


@admin.register(PromiseTerm)
class PromiseTermAdmin(Setting):
    """Deadlines. Every change recalculates the open promises, by a job."""

    group, position = Group.CATALOGUE, 4
    about = _("How long each promise is, where it differs from the catalogue.")
    list_display = ["kind", "urgency", "category", "hours"]
    list_filter = ["kind", "urgency"]
    autocomplete_fields = ["category"]
    may_delete = True

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        recalculation.terms_changed()

    def delete_model(self, request: HttpRequest, obj: PromiseTerm) -> None:
        super().delete_model(request, obj)
        recalculation.terms_changed()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        super().delete_queryset(request, queryset)
        recalculation.terms_changed()


@admin.register(Route)
class RouteAdmin(Setting):
    group, position = Group.CATALOGUE, 4
    about = _("Ombudsman and conciliation commission: how tenants reach them.")
    list_display = ["kind", "name", "phone"]
    may_delete = True
