"""Forms of calls and of the counter: at most four typed fields, everything else is filled in."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from requests.catalogue.models import Category
from requests.dangers import actions as dangers
from requests.inbox.forms import grouped_categories
from requests.kit.checked_text import LintedForm
from requests.kit.choices import EMERGENCIES, Channel

PLACES = ("dwelling", "staircase", "residence")


class FileForm(LintedForm):
    """A new claim, told by phone or at the counter.

    ``where`` offers the known places; "other" reads ``place_note``.
    """

    linted: tuple[str, ...] = ("words", "place_note")
    key = forms.UUIDField(widget=forms.HiddenInput)
    who = forms.UUIDField(widget=forms.HiddenInput, required=False)
    channel = forms.ChoiceField(
        label=_("How they reach us"),
        widget=forms.RadioSelect,
        choices=[(Channel.PHONE, _("on the phone")), (Channel.COUNTER, _("at the counter"))],
    )
    category = forms.ChoiceField(
        label=_("Problem"),
        choices=[],
        error_messages={
            "required": _("Choose the problem."),
            "invalid_choice": _("Choose the problem."),
        },
    )
    where = forms.ChoiceField(label=_("Where"), choices=[])
    place_note = forms.CharField(label=_("Address or place"), max_length=200, required=False)
    words = forms.CharField(
        label=_("Their words"),
        max_length=4000,
        required=False,
        help_text=_("The tenant can read what you write."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    no_danger = forms.BooleanField(
        label=_("I asked: it is no danger"), required=False, widget=forms.HiddenInput
    )
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=30, required=False)
    email = forms.EmailField(label=_("Answer by e-mail"), required=False)

    def __init__(
        self, *args: Any, places: Sequence[tuple[str, str]] = (), known: bool = False, **kwargs: Any
    ) -> None:
        kwargs["auto_id"] = "call_%s"
        super().__init__(*args, **kwargs)
        # Asked once, and only by a form that is shown: the field asks and its widget does.
        self.fields["category"].choices = cache(grouped_categories)
        self.fields["where"].choices = [*places, ("other", _("Somewhere else"))]
        self.known = known
        if not known:
            self.fields["phone"].label = _("Phone, to call back")
        self.seal()

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        if data.get("where") == "other" and not data.get("place_note") and self.known:
            self.add_error("place_note", _("Say where it is."))
        self._ask_about_danger(data)
        if not self.known and not data.get("phone") and not data.get("email"):
            self.add_error("phone", _("Give a phone number, so that we can answer."))
        return data

    def _ask_about_danger(self, data: dict) -> None:
        """Ask once more when the words sound like a danger and the problem chosen is none.

        Refusing it is a tick: then the words put nothing first and ring nobody.
        """
        found = dangers.find(data.get("words") or "")
        chosen = Category.objects.filter(code=data.get("category") or "").first()
        if found is None or chosen is None or chosen.urgency in EMERGENCIES:
            return
        meant = Category.objects.filter(code=found.category, active=True).first()
        self.fields["no_danger"].widget = forms.CheckboxInput()
        if data.get("no_danger") or meant is None:
            return
        said = _(
            "This sounds like a danger (%(words)s). Choose “%(meant)s”, or say that it is none."
        )
        self.add_error("category", said % {"words": found.said, "meant": meant})


class StatementForm(LintedForm):
    """What a caller says about a claim that is already open; may stay empty."""

    linted = ("text",)
    text = forms.CharField(
        label=_("What they say"),
        max_length=4000,
        required=False,
        help_text=_("The tenant can read what you write."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["auto_id"] = "heard_%s"
        super().__init__(*args, **kwargs)
        self.seal()


class HereForm(FileForm):
    """A request that staff note at a place of the stock; nobody is on the phone.

    ``holder`` is who holds the lease of the dwelling, when the request may be in their name.
    """

    def __init__(self, *args: Any, holder: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, known=True, **kwargs)
        for name in ("who", "channel", "where", "place_note", "name", "phone", "email"):
            del self.fields[name]
        self.linted = ("words",)
        self.fields["words"].label = _("What was seen")
        self.fields["words"].help_text = _("The contractor and the tenant can read what you write.")
        if holder is not None:
            self.fields["for_holder"] = forms.BooleanField(
                label=_("In the name of %(name)s, who is then told") % {"name": holder},
                required=False,
                initial=True,
            )
