"""Settings of the landlord's mailboxes: where they are read, and a test of the connection.

The password itself is never in the database nor on a page: only the name of the environment
variable that holds it.
"""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.secrets import secret
from portal.settings_site import Group, Setting
from requests.channels.mailbox_models import Mailbox
from requests.inbound import imap


@admin.register(Mailbox)
class MailboxAdmin(Setting):
    group, position = Group.HOUSE, 5
    about = _("The addresses that tenants write to, and how Palier reads them.")
    list_display = ["address", "host", "active", "last_success_at", "errors"]
    list_filter = ["active"]
    readonly_fields = ["password", "last_success_at", "last_message_at", "last_error", "errors"]
    fieldsets = [
        (None, {"fields": ["slug", "address", "unit", "active"]}),
        (
            _("Reading by IMAP"),
            {"fields": ["host", "port", "security", "username", "secret_name", "password"]},
        ),
        (_("More"), {"fields": ["folder", "authserv_id", "webhook_secret_name"]}),
        (
            _("How it goes"),
            {"fields": ["last_success_at", "last_message_at", "last_error", "errors"]},
        ),
    ]

    @admin.display(description=_("password"))
    def password(self, box: Mailbox) -> str:
        """Return whether there is a password; never which."""
        if secret(box.secret_name):
            return gettext("set in the environment")
        return gettext("not set in the environment")

    def response_change(self, request: HttpRequest, obj: Mailbox) -> HttpResponse:
        if "_test" not in request.POST:
            return super().response_change(request, obj)
        error, waiting = imap.check(obj)
        if error:
            said = gettext("The connection failed: %(error)s") % {"error": error}
            self.message_user(request, said, messages.ERROR)
        else:
            said = gettext("The connection works: %(number)s messages in the folder.")
            self.message_user(request, said % {"number": waiting}, messages.SUCCESS)
        return HttpResponseRedirect(request.path)
