"""Fields of the console's forms: codes that make themselves, lengths of time, lines of text."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy

from requests.console.words import DAY


def free_code(model: type[models.Model], name: str, *, field: str = "code", most: int = 30) -> str:
    """Return a code made of a name that no other row of the model has."""
    base = (slugify(name) or "x")[: most - 4]
    code, number = base, 1
    while model._default_manager.filter(**{field: code}).exists():
        number += 1
        code = f"{base}-{number}"
    return code


class Ticks(forms.CheckboxSelectMultiple):
    """Boxes to tick, in columns where there is room (requests/console/_groups.html)."""

    many = True


class OfUnit(Ticks):
    """Boxes of rows that belong to a unit, which a script shows by unit (static/js/console.js)."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict:
        """Write on each box whose it is."""
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-unit"] = str(value.instance.unit_id)
        return option


class LengthWidget(forms.MultiWidget):
    """A number and its measure, side by side."""

    def __init__(self) -> None:
        measures = [("hours", gettext_lazy("hours")), ("days", gettext_lazy("days"))]
        number = forms.NumberInput(
            attrs={
                "min": "0",
                "step": "any",
                "class": "input--inline",
                "aria-label": gettext_lazy("Number"),
            }
        )
        select = forms.Select(
            choices=measures,
            attrs={"aria-label": gettext_lazy("hours or days"), "class": "input--inline"},
        )
        super().__init__([number, select])

    def decompress(self, value: Decimal | None) -> list:
        """Return the number and the measure that says it best."""
        if value is None:
            return [None, "days"]
        value = Decimal(value)
        if value >= DAY and value % DAY == 0:
            return [format((value / DAY).normalize(), "f"), "days"]
        return [format(round(value, 2).normalize(), "f"), "hours"]


class LengthField(forms.MultiValueField):
    """A length of time, in hours, typed in hours or days."""

    def __init__(self, **kwargs: Any) -> None:
        number = forms.DecimalField(
            min_value=Decimal("0.01"),
            max_value=9999,
            error_messages={
                "invalid": gettext_lazy("Write a number."),
                "min_value": gettext_lazy("Write a number above zero."),
            },
        )
        measure = forms.ChoiceField(choices=[("hours", ""), ("days", "")])
        missing = {
            "required": gettext_lazy("Write a number."),
            "incomplete": gettext_lazy("Write a number."),
        }
        super().__init__(
            fields=(number, measure), widget=LengthWidget(), error_messages=missing, **kwargs
        )

    def compress(self, data_list: list) -> Decimal | None:
        if not data_list or data_list[0] in (None, ""):
            return None
        number, measure = data_list
        return number * DAY if measure == "days" else number


class LinesField(forms.CharField):
    """One thing a line. ``parse`` turns each line into a value, or raises ValidationError."""

    def __init__(self, *, parse: Callable[[str], Any], rows: int = 4, **kwargs: Any) -> None:
        self.parse = parse
        super().__init__(
            widget=forms.Textarea(attrs={"rows": rows}), required=False, strip=True, **kwargs
        )

    def clean(self, value: Any) -> list:
        lines = super().clean(value).splitlines()
        found, mistakes = [], []
        for line in filter(None, (line.strip() for line in lines)):
            try:
                found.append(self.parse(line))
            except forms.ValidationError as error:
                mistakes.extend(error.messages)
        if mistakes:
            raise forms.ValidationError(mistakes)
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare lines, whatever line ends the browser sends."""
        return (initial or "").split("\n") != (data or "").replace("\r\n", "\n").strip().split("\n")
