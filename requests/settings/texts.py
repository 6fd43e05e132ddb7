"""Settings of the landlord's own words: messages to tenants, and replies often written."""

from typing import Any

from django import forms
from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.settings_site import Group, Setting
from requests.conversation.models import CannedReply
from requests.notifications import texts
from requests.notifications.previews import preview
from requests.notifications.text_models import MessageText


class MessageTextForm(forms.ModelForm):
    class Meta:
        widgets = {"body": forms.Textarea(attrs={"rows": 10, "cols": 60})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "body" in self.fields:
            self.fields["body"].help_text = texts.known_variables()


@admin.register(MessageText)
class MessageTextAdmin(Setting):
    group, position = Group.CATALOGUE, 3
    about = _("Your own words for the messages, in the place of Palier’s.")
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

    def get_form(
        self,
        request: HttpRequest,
        obj: CannedReply | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> type[ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "body" in form.base_fields:  # A person who may only read gets a form without this field.
            form.base_fields["body"].help_text = texts.known_variables(without={"text"})
        return form
