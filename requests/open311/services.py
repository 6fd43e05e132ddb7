"""List what may be reported through Open311, with the questions of each service."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests.catalogue.models import Category

WHERE = {
    "hall": gettext_lazy("Hall or entrance"),
    "stairs": gettext_lazy("Staircase or landing"),
    "lift": gettext_lazy("Lift"),
    "cellar": gettext_lazy("Cellar or bin room"),
    "parking": gettext_lazy("Car park or garage"),
    "outside": gettext_lazy("Outside"),
    "other": gettext_lazy("Somewhere else"),
}
YES_NO = {"yes": gettext_lazy("Yes"), "no": gettext_lazy("No")}


@dataclass(frozen=True)
class Question:
    """One attribute of a service. Without ``choices`` it is free text, at most 200 characters."""

    code: str
    words: str
    required: bool
    choices: dict
    hint: str = ""


def public_categories() -> QuerySet[Category]:
    """Return the categories that anybody may report: collective, active, not confidential."""
    return (
        Category.objects.filter(active=True, collective=True, sensitive=False)
        .exclude(asset="dwelling")
        .select_related("family")
        .order_by("code")
    )


def questions(category: Category) -> list[Question]:
    """Return what the application asks the person for this service."""
    found = [
        Question("where", _("Where in the building?"), False, WHERE),
        Question("landmark", _("Staircase, floor or landmark"), False, {}, _("200 characters.")),
    ]
    if category.tile == "lift" or category.family.tile == "lift":
        hint = _("If somebody is inside, press the alarm button or call 112 first.")
        found.insert(0, Question("stuck", _("Is somebody stuck inside?"), True, YES_NO, hint))
    return found


def list_entry(category: Category) -> dict:
    """Return one service as the list shows it."""
    return {
        "service_code": category.code,
        "service_name": str(category),
        "description": category.plain_language,
        "metadata": True,
        # A POST is answered by a token: the number follows within seconds ("Service List").
        "type": "batch",
        "keywords": f"{category.family}, {category}",
        "group": str(category.family),
    }


def definition(category: Category) -> dict:
    """Return one service with its questions; safety advice is shown without asking anything."""
    rows = []
    if category.safety_advice:
        rows.append(_attribute("advice", category.safety_advice, False, "text", variable=False))
    for question in questions(category):
        kind = "singlevaluelist" if question.choices else "string"
        row = _attribute(question.code, question.words, question.required, kind, question.hint)
        if question.choices:
            row["values"] = [{"key": k, "name": str(v)} for k, v in question.choices.items()]
        rows.append(row)
    for number, row in enumerate(rows, 1):
        row["order"] = number
    return {"service_code": category.code, "attributes": rows}


def _attribute(
    code: str, words: str, required: bool, kind: str, hint: str = "", variable: bool = True
) -> dict:
    return {
        "variable": variable,
        "code": code,
        "datatype": kind,
        "required": required,
        "datatype_description": hint,
        "order": 0,
        "description": words,
    }
