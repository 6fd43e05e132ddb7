"""What an administrator says of an endpoint."""

import httpx2
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.http import refusal
from requests.webhooks import event_types
from requests.webhooks.models import WebhookEndpoint


class EndpointForm(forms.ModelForm):
    """Name, address and events. The address is one that whoever runs the server allowed."""

    address = forms.URLField(
        label=_("Address that receives"),
        max_length=500,
        assume_scheme="https",
        help_text=_("It begins with https:// and is given by the other system."),
        error_messages={
            "required": _("Give the address."),
            "invalid": _("Write a whole address, like https://erp.example/palier."),
        },
    )
    events = forms.MultipleChoiceField(
        label=_("Events"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick none to be told of all of them, those of later versions too."),
    )

    class Meta:
        model = WebhookEndpoint
        fields = ["name", "address", "events"]
        labels = {"name": _("Which system is it?")}
        error_messages = {
            "name": {
                "required": _("Name the other system."),
                "unique": _("Another webhook has this name."),
            }
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["events"].choices = event_types.choices()

    def clean_address(self) -> str:
        address = self.cleaned_data["address"]
        url = httpx2.URL(address)
        if url.userinfo:
            raise forms.ValidationError(_("Leave name and password out of the address."))
        if refusal(address):
            named = settings.PALIER_WEBHOOK_HOSTS + settings.PALIER_WEBHOOK_PRIVATE_HOSTS
            raise forms.ValidationError(
                _(
                    "Palier may not call %(host)s. Whoever runs the server allows it in "
                    "PALIER_WEBHOOK_HOSTS. Allowed now: %(named)s."
                ),
                params={"host": url.host, "named": ", ".join(named) or _("none")},
            )
        return address
