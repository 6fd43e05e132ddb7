"""The landlord's catalogue, deadlines and texts."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from portal.clock import now
from requests.catalogue.actions import change_category, product_rows
from requests.catalogue.models import Category
from requests.complaints.models import Route
from requests.console.place_forms import group
from requests.console.setting_fields import LengthField, free_code
from requests.console.words import DAY
from requests.kit.choices import Urgency
from requests.kit.sensitive_words import sensitive_words
from requests.labels.models import Label
from requests.notifications import texts
from requests.notifications.text_models import MessageText
from requests.promises import recalculation
from requests.promises.models import PromiseTerm
from requests.settings.catalogue import CategoryForm as SettingsCategoryForm


def _urgencies() -> list[tuple[str, str]]:
    """Return the urgencies in the language of the page, without their codes."""
    return [(urgency.value, str(urgency.label).capitalize()) for urgency in Urgency]


def _pictures() -> list[tuple[str, str]]:
    """Return the pictures of faults, each called by a fault that the product draws with it."""
    label = "label_en" if (get_language() or "fr").startswith("en") else "label_fr"
    drawn = {row["picture"]: row[label] for row in reversed(product_rows())} | {"": "—"}
    return sorted(drawn.items(), key=lambda item: item[1])


def _sources(text: str) -> list[tuple[str, str]]:
    """Split the stored sources: ``"Law 89-462 [v]; Decree [k]"`` → (text, mark) pairs."""
    parts = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        found = re.fullmatch(r"(.*?)\s*\[([kv])\]", part)
        parts.append((found[1], found[2]) if found else (part, "k"))
    return parts


class TermForm(forms.ModelForm):
    """How long a promise is, in hours or days."""

    hours = LengthField(
        label=gettext_lazy("How long"),
        help_text=gettext_lazy(
            "A day is a working day, except for dangers, emergencies and what is urgent: those run "
            "day and night."
        ),
    )

    class Meta:
        model = PromiseTerm
        fields = ("kind", "urgency", "category", "hours")
        help_texts = {"category": gettext_lazy("None: every fault of this urgency.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["urgency"].choices = [("", "—"), *_urgencies()]


class LabelForm(forms.ModelForm):
    """One label; its names say nothing that is never written down of a person."""

    class Meta:
        model = Label
        fields = ("label_fr", "label_en", "sign", "active")
        help_texts = {
            "label_fr": gettext_lazy(
                "One to three words. Never about health, origin, religion, opinions, private life "
                "or offences: whoever asks for their data reads the labels of their requests."
            ),
            "sign": gettext_lazy("Drawn before the word. Two labels may share one."),
            "active": gettext_lazy("No: not to choose any more; what bears it keeps it."),
        }

    def clean(self) -> dict:
        super().clean()
        for name in ("label_fr", "label_en"):
            if words := sensitive_words(self.cleaned_data.get(name) or ""):
                said = _("This is never written down about a person: %(words)s.")
                self.add_error(name, said % {"words": ", ".join(words)})
        return self.cleaned_data

    def save(self, commit: bool = True) -> Label:
        """Write the label; a new one gets a code of its name, which events keep."""
        if not self.instance.code:
            self.instance.code = free_code(Label, self.instance.label_en)
        return super().save(commit)


class CategoryForm(SettingsCategoryForm):
    """One fault or question, in plain words: lengths of time, and sources without marks."""

    ack_hours = LengthField(  # type: ignore[assignment]
        label=gettext_lazy("First news within"),
        help_text=gettext_lazy("What tenants are promised. A day is a working day."),
    )
    resolve_days = LengthField(  # type: ignore[assignment]
        label=gettext_lazy("Settled within")
    )
    checked = forms.CharField(
        label=gettext_lazy("Sources that were checked"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("One law, decree or contract a line."),
    )
    to_check = forms.CharField(
        label=gettext_lazy("Sources still to be checked"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    class Meta:
        model = Category
        fields = (
            "label_fr", "label_en", "plain_language_fr", "plain_language_en", "safety_advice_fr",
            "safety_advice_en", "urgency", "ack_hours", "resolve_days", "responsible",
            "handled_by", "asset", "collective", "sensitive", "tile", "picture", "public_rank",
            "active",
        )  # fmt: skip
        widgets = {
            "safety_advice_fr": forms.Textarea(attrs={"rows": 2}),
            "safety_advice_en": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["urgency"].choices = _urgencies()
        self.fields["picture"].choices = _pictures()
        for field in self.fields.values():
            field.label = capfirst(str(field.label))
        if self.instance.pk:
            self.initial["resolve_days"] = self.instance.resolve_days * DAY
            sources = _sources(self.instance.legal_source)
            self.initial["checked"] = "\n".join(text for text, mark in sources if mark == "v")
            self.initial["to_check"] = "\n".join(text for text, mark in sources if mark == "k")

    def groups(self) -> list:
        """Return the fields in groups, for the template."""
        names = [
            (_("In the tenant’s words"), self.Meta.fields[:6]),
            (_("Deadlines and who handles it"), self.Meta.fields[6:11]),
            (_("Where it is offered"), self.Meta.fields[11:]),
            (_("Where it comes from"), ("checked", "to_check")),
        ]
        return [group(title, "", [self[name] for name in fields]) for title, fields in names]

    def clean_resolve_days(self) -> Decimal:
        """Return days, which the model holds."""
        return (self.cleaned_data["resolve_days"] / DAY).quantize(Decimal("0.01"))

    def clean(self) -> dict:
        super().clean()
        lines = [(name, mark) for name, mark in (("checked", "v"), ("to_check", "k"))]
        told = [
            f"{line.strip().replace(';', ',')} [{mark}]"
            for name, mark in lines
            for line in (self.cleaned_data.get(name) or "").splitlines()
            if line.strip()
        ]
        self.instance.legal_source = "; ".join(told)
        if len(self.instance.legal_source) > 240:
            self.add_error("checked", _("Too long: 240 characters for all the sources."))
        return self.cleaned_data

    def before(self) -> dict:
        """Return the former value of what this valid form changes, as versions keep it."""
        stored = Category.objects.get(pk=self.instance.pk)
        names = {*self.Meta.fields, "legal_source"}
        changed = {name: getattr(stored, name) for name in names}
        return {name: old for name, old in changed.items() if old != getattr(self.instance, name)}

    def publish(self, by: Any) -> Category:
        """Write the next version of the category, and date promises again if they changed."""
        return publish(self.instance, self.before(), by)


def publish(category: Category, before: dict, by: Any) -> Category:
    """Write an edited category as its next version; ``before`` has what changed."""
    if before:
        change_category(category=category, before=before, by=by, now=now())
        if before.keys() & {"ack_hours", "resolve_days"}:
            recalculation.category_changed(category)
    return category


class TextForm(forms.ModelForm):
    """The landlord's own words for one message."""

    class Meta:
        model = MessageText
        fields = ("event", "channel", "language", "body", "active")
        widgets = {"body": forms.Textarea(attrs={"rows": 12})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].help_text = _("What is in double braces is filled in: %(known)s.") % {
            "known": texts.known_variables()
        }


class RouteForm(forms.ModelForm):
    website = forms.URLField(label=gettext_lazy("Website"), required=False, assume_scheme="https")

    class Meta:
        model = Route
        fields = ("kind", "name", "address", "website", "phone")
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            del self.fields["kind"]
