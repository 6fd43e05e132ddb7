"""Settings of accounts, for emergencies: who may sign in, and who may open the settings.

People are invited, moved and let go in the console (``requests/console``), which resets second
factors too; tokens, groups and addresses of others are nobody's to write.

What changes how somebody else logs in asks who is there first (``PALIER_REAUTHENTICATE``), and
the person is told at the address that they had.
"""

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from portal import sign_outs
from portal.models import SignOnIdentity, User
from portal.settings_site import Group, ReadOnly, Setting


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
        obj.email = obj.email.lower()
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            # No code goes to a former address any more, and whoever is in proves the new one.
            EmailAddress.objects.filter(user=obj).delete()
            sign_outs.end_sessions(obj)
            request.replaced_address = obj, form.initial["email"]

    def changeform_view(self, request, *args, **kwargs) -> HttpResponse:
        """Tell the former address once the change is committed."""
        response = super().changeform_view(request, *args, **kwargs)
        if told := getattr(request, "replaced_address", None):
            user, former = told
            shown = {"address": user.email}
            get_adapter().send_notification_mail(
                "account/email/address_replaced", user, shown, email=former
            )
        return response


class WayIn(ReadOnly):
    """One way in of somebody's account: an administrator takes it away, and the person is told."""

    group = Group.PEOPLE
    may_delete = True
    actions = None
    notice = ""

    def has_delete_permission(self, request, obj=None) -> bool:
        if obj is not None and obj.user.is_superuser and not request.user.is_superuser:
            return False
        return super().has_delete_permission(request, obj)

    def delete_model(self, request, obj) -> None:
        super().delete_model(request, obj)
        request.removed_from = obj.user

    def delete_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """Tell the person once the row is gone."""
        response = super().delete_view(request, *args, **kwargs)
        if user := getattr(request, "removed_from", None):
            get_adapter().send_notification_mail(self.notice, user)
        return response


@admin.register(SignOnIdentity)
class SignOnIdentityAdmin(WayIn):
    position = 3
    about = _("Who logs in through the organisation. Deleting a line lets the person link anew.")
    list_display = ["user", "issuer", "linked_at", "used_at"]
    search_fields = ["user__email", "user__last_name", "subject"]
    ordering = ["user__email"]
    notice = "account/email/signon_removed"
