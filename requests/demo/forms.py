"""What an evaluator writes to try a channel."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.models import Staircase
from portal import phones
from requests.kit.choices import Channel
from requests.open311 import services

LONGEST = 2000
MOST_ENTRANCES = 12
WORDS = forms.Textarea(attrs={"rows": 3})
DEFAULT_NUMBER = "06 39 98 11 22"


class Number(forms.CharField):
    """A French phone number, given back as E.164."""

    def clean(self, value):
        number = phones.to_e164(super().clean(value))
        if not number:
            raise forms.ValidationError(_("Write a phone number, such as 06 39 98 11 22."))
        return number


class MailForm(forms.Form):
    sender = forms.EmailField(label=_("From"), initial="awa.diallo@example.org")
    subject = forms.CharField(label=pgettext_lazy("letter", "Subject"), max_length=200)
    text = forms.CharField(label=_("Message"), max_length=LONGEST, widget=WORDS)
    photo = forms.FileField(label=_("File"), required=False)


class PhoneForm(forms.Form):
    channel = forms.ChoiceField(
        label=_("By"),
        choices=[(c.value, c.label) for c in (Channel.SMS, Channel.SOCIAL)],
        initial=Channel.SMS,
    )
    number = Number(label=_("From this number"), max_length=20, initial=DEFAULT_NUMBER)
    text = forms.CharField(label=_("Message"), max_length=LONGEST, widget=WORDS)


def _services() -> list[tuple[str, str]]:
    return [
        (category.code, services.list_entry(category)["service_name"])
        for category in services.public_categories()
    ]


def _entrances() -> list[tuple[int, str]]:
    """Return some street doors of buildings that are on the map."""
    placed = Staircase.objects.filter(building__latitude__isnull=False)
    return [(row.pk, row.street) for row in placed.order_by("pk")[:MOST_ENTRANCES]]


class ReportForm(forms.Form):
    service = forms.ChoiceField(label=_("Fault"), choices=_services)
    entrance = forms.TypedChoiceField(label=_("Address"), choices=_entrances, coerce=int)
    text = forms.CharField(label=_("Message"), max_length=LONGEST, widget=WORDS)


class CallForm(forms.Form):
    number = Number(label=_("From this number"), max_length=20, initial=DEFAULT_NUMBER)


class PostForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60, initial="Yvon Le Gall")
    text = forms.CharField(label=_("Message"), max_length=LONGEST, widget=WORDS)
