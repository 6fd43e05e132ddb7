"""Settings of accounts, for an administrator: who may sign in, and who may open the settings."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from portal.models import User
from portal.settings_site import Group, Setting


@admin.register(User)
class UserAdmin(Setting):
    group, position = Group.PEOPLE, 2
    about = _("Who can sign in. Without password, people receive a code by e-mail.")
    list_display = ["email", "first_name", "last_name", "is_active", "is_staff"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email", "first_name", "last_name"]
    fields = ["email", "first_name", "last_name", "is_active", "is_staff"]
    ordering = ["email"]

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        # Whoever may change an address receives the sign-in codes of that account.
        return ["email"] if obj and not request.user.is_superuser else []

    def has_change_permission(self, request, obj=None) -> bool:
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def save_model(self, request, obj, form, change) -> None:
        if not change:
            obj.email = obj.email.lower()
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
