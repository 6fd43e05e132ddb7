"""The landlord's own page of the settings: how it is reached, how it looks, its notices."""

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies.logos import NotALogo, read_logo
from agencies.models import Landlord
from portal.settings_site import Group, Setting


class LandlordForm(forms.ModelForm):
    """The landlord's details; its logo is a picture, made anew for screens and for paper."""

    new_logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG, JPEG or WebP, on white or transparent. It replaces the one there is."),
    )
    no_logo = forms.BooleanField(label=_("Show the name instead of the logo"), required=False)

    def clean_new_logo(self) -> tuple[bytes, bytes] | None:
        upload = self.cleaned_data["new_logo"]
        if not upload:
            return None
        try:
            return read_logo(upload.read())
        except NotALogo as error:
            raise forms.ValidationError(str(error)) from error

    def save(self, commit: bool = True):
        if self.cleaned_data.get("new_logo"):
            self.instance.logo, self.instance.logo_small = self.cleaned_data["new_logo"]
        elif self.cleaned_data.get("no_logo"):
            self.instance.logo = self.instance.logo_small = b""
        return super().save(commit)


@admin.register(Landlord)
class LandlordAdmin(Setting):
    group, position = Group.HOUSE, 1
    about = _("Name, phone and address, as tenants read them.")

    form = LandlordForm
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    fieldsets = [
        (
            None,
            {
                "fields": (
                    "name", "phone", "on_call_phone", "email", "website", "address",
                    "opening_fr", "opening_en",
                )
            },
        ),
        (_("How it looks"), {"fields": ("colour", "new_logo", "no_logo", "sms_sender")}),
        (
            _("Legal notice"),
            {"fields": ("legal_form", "siren", "publisher", "host", "privacy_contact")},
        ),
        (
            _("Accessibility statement"),
            {
                "fields": (
                    "accessibility", "audited_on", "audited_by", "audit_rate", "inaccessible",
                    "accessibility_plan",
                )
            },
        ),
    ]  # fmt: skip

    def has_add_permission(self, request) -> bool:
        return super().has_add_permission(request) and not Landlord.objects.exists()

    def changelist_view(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """Redirect to the one landlord: there is no list."""
        landlord = Landlord.objects.first()
        if landlord is None:
            return redirect(reverse("admin:agencies_landlord_add"))
        return redirect(reverse("admin:agencies_landlord_change", args=[landlord.pk]))
