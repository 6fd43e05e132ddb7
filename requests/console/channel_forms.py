"""Mailboxes, and the landlord itself."""

import os
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.landlord_admin import LandlordForm as SettingsLandlordForm
from agencies.models import Landlord
from portal import secrets
from requests.channels.mailbox_models import Mailbox
from requests.console.place_forms import group
from requests.console.setting_fields import free_code


def secret_names() -> list[str]:
    """Return the names of the mail passwords that the server was given; never their values."""
    return sorted(name for name in os.environ if secrets.NAME.fullmatch(name))


class MailboxForm(forms.ModelForm):
    """An address that tenants write to, and where it is read."""

    class Meta:
        model = Mailbox
        fields = (
            "address", "unit", "host", "port", "security", "username", "secret_name", "folder",
            "active",
        )  # fmt: skip
        labels = {
            "host": gettext_lazy("Mail server (IMAP)"),
            "secret_name": gettext_lazy("Password"),
            "active": gettext_lazy("Read this mailbox"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = secret_names()
        stored = self.instance.secret_name
        if stored and stored not in names:
            names.append(stored)
        short = [(name, name.removeprefix(secrets.PREFIX).replace("_", " ")) for name in names]
        self.fields["secret_name"] = forms.ChoiceField(
            label=self.fields["secret_name"].label,
            choices=[("", "—"), *short],
            required=False,
            help_text=_(
                "Whoever runs the server keeps passwords there, as PALIER_MAIL_SECRET_NAME; here "
                "is only which one to use."
            ),
        )

    def clean(self) -> dict:
        super().clean()
        if self.cleaned_data.get("host") and not self.cleaned_data.get("username"):
            self.add_error("username", _("Write the name that the mail server knows."))
        return self.cleaned_data

    def save(self, commit: bool = True) -> Mailbox:
        if not self.instance.slug:
            name = self.instance.address.partition("@")[0]
            self.instance.slug = free_code(Mailbox, name, field="slug", most=40)
        return super().save(commit)


class LandlordForm(SettingsLandlordForm):
    """The landlord in the console: names, look, legal notices."""

    website = forms.URLField(label=gettext_lazy("Website"), required=False, assume_scheme="https")
    accessibility_plan = forms.URLField(
        label=gettext_lazy("Address of the accessibility plan"),
        required=False,
        assume_scheme="https",
    )

    class Meta:
        model = Landlord
        fields = (
            "name", "phone", "on_call_phone", "email", "website", "address", "opening_fr",
            "opening_en", "colour", "sms_sender", "legal_form", "siren", "publisher", "host",
            "privacy_contact", "accessibility", "audited_on", "audited_by", "audit_rate",
            "inaccessible", "accessibility_plan",
        )  # fmt: skip
        widgets = {
            name: forms.Textarea(attrs={"rows": 3})
            for name in ("address", "host", "privacy_contact", "inaccessible")
        } | {"audited_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def groups(self) -> list:
        """Return the fields in groups, for the template."""
        look = ("colour", "new_logo", "no_logo", "sms_sender")
        names = [
            ("", self.Meta.fields[:8]),
            (_("How it looks"), look),
            (_("Legal notice"), self.Meta.fields[10:15]),
            (_("Accessibility statement"), self.Meta.fields[15:]),
        ]
        return [group(title, "", [self[name] for name in fields]) for title, fields in names]
