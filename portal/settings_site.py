"""The landlord's settings: Django's admin, with our words, our look and our groups.

Each ModelAdmin says to which group it belongs and, in a plain sentence, what it is for.
"""

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from portal import setting_values

# Titles of Django's admin, translated anew: « Modification de unité » agrees with no noun.
TITLES = (
    _("Add %s"),
    _("Change %s"),
    _("View %s"),
    _("Select %s to change"),
    _("Select %s to view"),
)


class Group(models.TextChoices):
    """The parts of the index, in their order."""

    HOUSE = "house", _("The house")
    PEOPLE = "people", _("The teams")
    STOCK = "stock", _("The stock")
    CATALOGUE = "catalogue", _("Requests and messages")
    TENANTS = "tenants", _("Tenants")
    WATCH = "watch", _("To watch over")
    OTHER = "other", _("Technical")


class SettingsSite(admin.AdminSite):
    """The site at ``/settings/``."""

    site_header = _("Palier – settings")
    site_title = _("Palier – settings")
    index_title = _("What would you like to set?")
    enable_nav_sidebar = False

    def register(self, model_or_iterable, admin_class=None, **options) -> None:
        """Leave out pages of libraries that write what is nobody else's to write.

        allauth's add addresses to accounts and show secrets; groups give rights beside the roles.
        """
        left_out = ("allauth.", "django.contrib.auth.", "rest_framework.")
        if not (admin_class and admin_class.__module__.startswith(left_out)):
            super().register(model_or_iterable, admin_class, **options)

    def get_app_list(self, request, app_label=None) -> list[dict]:
        """Return the index by our groups; the page of one app keeps Django's."""
        apps = super().get_app_list(request, app_label)
        if app_label:
            return apps
        groups: dict[str, list] = {group: [] for group in Group}
        for entry in (entry for app in apps for entry in app["models"]):
            model_admin = self.get_model_admin(entry["model"])
            entry["name"] = getattr(model_admin, "name", "") or entry["name"]
            entry["about"] = getattr(model_admin, "about", "")
            entry["position"] = getattr(model_admin, "position", 99)
            groups[getattr(model_admin, "group", Group.OTHER)].append(entry)
        return [
            {
                "name": group.label,
                "app_label": group.value,
                "app_url": "",
                "has_module_perms": True,
                "models": sorted(entries, key=lambda entry: entry["position"]),
            }
            for group, entries in groups.items()
            if entries
        ]


class SettingsConfig(AdminConfig):
    """Replaces Django's admin site by ours."""

    default_site = "portal.settings_site.SettingsSite"


class Setting(admin.ModelAdmin):
    """What our settings pages share: a group, a sentence, no deletion of rows with a history."""

    group = Group.OTHER
    about: str | Promise = ""
    # Where the model is a library's: what its rows are called here, in the plural.
    name: str | Promise = ""
    position = 99
    list_per_page = 50
    show_full_result_count = False
    may_delete = False

    def changelist_view(self, request, extra_context=None):
        """Title the list by the plural name of its model."""
        title = {"title": capfirst(str(self.name or self.opts.verbose_name_plural))}
        return super().changelist_view(request, title | (extra_context or {}))

    def construct_change_message(self, request, form, formsets, add=False) -> list[dict]:
        """Keep the values before and after a change: the console shows them, and can undo it."""
        message: list[dict] = super().construct_change_message(request, form, formsets, add)
        if not add and message and "changed" in message[0] and "name" not in message[0]["changed"]:
            message[0]["changed"]["values"] = setting_values.told(form)
        return message

    def has_delete_permission(self, request, obj=None) -> bool:
        return self.may_delete and super().has_delete_permission(request, obj)


class ReadOnly(Setting):
    """A page of settings that shows rows and lets nobody change them."""

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False
