"""Forms of the filing pages: short steps, each of which is shown again with what was typed."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.dates import WEEKDAYS
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from agencies.models import Dwelling
from requests.catalogue.kinds import Kind
from requests.catalogue.models import Category, Family
from requests.kit.fields import FilesField, PhoneField

DAYS = ("mon", "tue", "wed", "thu", "fri")
HALVES = {"am": _("morning"), "pm": _("afternoon")}
HALF_DAYS = [
    (f"{day}_{half}", format_lazy("{} {}", WEEKDAYS[number], label))
    for number, day in enumerate(DAYS)
    for half, label in HALVES.items()
]
AVAILABILITY = [*HALF_DAYS, ("call", _("Call me to agree on a time"))]

AT_HOME = [
    ("kitchen", _("Kitchen")),
    ("bathroom", _("Bathroom")),
    ("toilet", _("Toilet")),
    ("living", _("Living room")),
    ("bedroom", _("Bedroom")),
    ("entrance", _("Entrance, corridor")),
    ("balcony", _("Balcony, terrace")),
    ("home", _("Somewhere else at home")),
]
SHARED = [
    ("staircase", _("Staircase, landing")),
    ("lift", _("Lift")),
    ("hall", _("Hall, letter boxes")),
    ("cellar", _("Cellar, basement")),
    ("outside", _("Outside, garden")),
    ("car_park", _("Car park, garage")),
    ("waste", _("Waste room")),
    ("building", _("The whole building")),
]
SPOTS = dict(AT_HOME + SHARED)
SHARED_SPOTS = frozenset(code for code, _label in SHARED)
ELSEWHERE = "other"


def _pictured(drawn: dict, words: str) -> str:
    """Return the words of a choice beside its picture. It is for people who do not read."""
    picture = render_to_string("components/fault_picture.html", drawn)
    return format_html("{}<span>{}</span>", picture, words)


class SayForm(forms.Form):
    """Step 1 in one's own words."""

    words = forms.CharField(
        label=_("Tell us in your own words"),
        help_text=_("What is it, where, since when? No need to mention your health."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write a few words, or choose a picture.")},
    )


class WhatForm(forms.Form):
    """Step 1: choose the fault, among those of the picture."""

    category = forms.ChoiceField(
        label=_("What is the problem?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what is closest to your problem."),
            "invalid_choice": _("Choose what is closest to your problem."),
        },
    )

    def __init__(self, *args: Any, categories: Iterable[Category], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [
            (c.code, _pictured({"fault": c}, c.plain_language or str(c))) for c in categories
        ]


class FamilyForm(forms.Form):
    """Step 1, under "Something else": choose the family, then one of its faults."""

    family = forms.ChoiceField(
        label=_("What is it about?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what it is about."),
            "invalid_choice": _("Choose what it is about."),
        },
    )

    def __init__(self, *args: Any, families: Iterable[Family], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["family"].choices = [
            (f.code, _pictured({"family": f}, str(f))) for f in families
        ]


class WhereForm(forms.Form):
    """Step 2: choose the tenant's own dwelling when we know it, else type the address."""

    home = forms.ChoiceField(label=_("Which home?"), widget=forms.RadioSelect, required=False)
    address = forms.CharField(
        label=_("Your address"),
        max_length=120,
        required=False,
        help_text=_("Number, street, building, door, town"),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    spot = forms.ChoiceField(
        label=_("In which place?"),
        required=False,
        error_messages={"invalid_choice": _("Choose a place in the list.")},
    )
    place = forms.CharField(
        label=_("More precisely"),
        max_length=45,
        required=False,
        help_text=_("For example: under the sink, 3rd floor"),
    )

    def __init__(
        self,
        *args: Any,
        homes: Sequence[Dwelling] = (),
        shared_first: bool = False,
        kind: Kind = Kind.FAULT,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        groups = [(_("In my home"), AT_HOME), (_("In the shared parts"), SHARED)]
        if shared_first:
            groups.reverse()
        self.fields["spot"].choices = [("", _("I do not know")), *groups]
        if kind == Kind.QUESTION:  # a rent receipt is in no room
            del self.fields["spot"], self.fields["place"]
        self.homes = {str(home.pk): home for home in homes}
        if self.homes:
            self.fields["home"].choices = [
                *((pk, str(home)) for pk, home in self.homes.items()),
                (ELSEWHERE, _("Another address")),
            ]
            self.fields["home"].initial = next(iter(self.homes))
            self.fields["address"].label = _("The other address")
        else:
            del self.fields["home"]
            self.fields["address"].required = True
            self.fields["address"].error_messages["required"] = NO_ADDRESS

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        if self.homes and not self.errors:
            if data.get("home") in {"", ELSEWHERE, None} and not data.get("address"):
                self.add_error("address", NO_ADDRESS)
            elif data.get("home") in self.homes:
                data["address"] = ""
        return data


NO_ADDRESS = _("Write your address, so that we find you.")


class WordsForm(forms.Form):
    """Step 3: add photos and words, both optional."""

    photos = FilesField()
    words = forms.CharField(
        label=_("What is happening?"),
        max_length=4000,
        required=False,
        help_text=_("Since when? Where exactly? No need to mention your health."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(
        self, *args: Any, kind: Kind = Kind.FAULT, own: bool = False, **kwargs: Any
    ) -> None:
        """``own``: no fault of the lists fits, so that only the words tell what it is."""
        super().__init__(*args, **kwargs)
        words, photos = self.fields["words"], self.fields["photos"]
        if kind == Kind.QUESTION and not own:
            words.label, words.help_text = _("What do you want to ask?"), ""
            photos.label = _("Documents")
        elif kind == Kind.NEIGHBOUR:
            words.help_text = _("Dates and hours, what you saw or heard. No need to name anybody.")


class ReachForm(forms.Form):
    """Step 4: say how to reach the tenant; one way is enough."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Write your name, so that we know whom to ask for.")},
    )
    phone = PhoneField(required=False)
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": _("This e-mail address looks wrong. Example: awa@exemple.fr")},
    )
    availability = forms.MultipleChoiceField(
        label=_("When can we come?"),
        choices=AVAILABILITY,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, visits: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not visits:  # nobody comes for a paper
            del self.fields["availability"]

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        if not data.get("phone") and not data.get("email") and not self.errors:
            self.add_error("phone", _("Give a phone number or an e-mail address."))
        return data


class CallBackForm(forms.Form):
    """Ask for a call, about anything."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Write your name, so that we know whom to ask for.")},
    )
    phone = PhoneField(error_messages={"required": _("Write the number we must call.")})
    best = forms.ChoiceField(
        label=_("Best moment"),
        required=False,
        choices=[("", _("As soon as possible")), *HALF_DAYS],
    )


class MessageForm(forms.Form):
    """Write to the office, with or without photos."""

    text = forms.CharField(
        label=_("Your message"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    photos = FilesField()
