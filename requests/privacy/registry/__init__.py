"""The register in code: every column of every model, personal or not."""

from django.apps import apps
from django.db.models import Model

from requests.privacy.registry import (
    attention,
    audit,
    claims,
    figures,
    messages,
    outlets,
    own,
    people,
    surveys,
    work,
)
from requests.privacy.registry.kinds import Personal
from requests.privacy.registry.plain import PLAIN

ROOMS = ("portal", "agencies", "tenants", "requests")
PERSONAL: dict[str, Personal] = {
    row.label: row
    for part in (people, claims, messages, work, figures, attention, own, outlets, audit, surveys)
    for row in part.MODELS
}


def model_of(row: Personal) -> type[Model]:
    """Return the model that ``row`` declares."""
    return apps.get_model(row.label)


def undeclared() -> list[str]:
    """Return what is wrong: models and columns that nobody declared, or that do not exist."""
    models = {
        model._meta.label: model
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
    }
    found = []
    for label, model in models.items():
        if label in PERSONAL and label in PLAIN:
            found.append(f"{label} is declared twice")
        elif label in PERSONAL:
            found += _differences(label, model, PERSONAL[label].declared)
        elif label in PLAIN:
            found += _differences(label, model, set(PLAIN[label].split()))
        else:
            found.append(f"{label} is not declared")
    found += [f"{label} does not exist" for label in {*PERSONAL, *PLAIN} - set(models)]
    return sorted(found)


def _differences(label: str, model: type[Model], declared: set[str]) -> list[str]:
    fields = (*model._meta.concrete_fields, *model._meta.many_to_many)
    names = {field.name for field in fields}
    return [f"{label}.{name} is not declared" for name in names - declared] + [
        f"{label}.{name} does not exist" for name in declared - names
    ]
