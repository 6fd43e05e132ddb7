"""Every model and column is declared, and a new one that is not is found."""

import pytest
from django.apps import apps
from django.db import models

from requests.privacy import registry
from requests.privacy.registry.kinds import WORDS, Activity, Erased, Personal, Then
from requests.privacy.registry.labels import label_of
from requests.privacy.registry.plain import PLAIN


def test_every_model_and_column_is_declared():
    assert registry.undeclared() == []


def test_a_forgotten_column_and_a_forgotten_model_are_named(monkeypatch):
    monkeypatch.setitem(PLAIN, "agencies.Sector", "id unit")
    monkeypatch.delitem(PLAIN, "agencies.Desk")
    monkeypatch.delitem(registry.PERSONAL, "requests.Message")
    assert registry.undeclared() == [
        "agencies.Desk is not declared",
        "agencies.Sector.name is not declared",
        "requests.Message is not declared",
    ]


def test_a_column_that_is_gone_is_named(monkeypatch):
    monkeypatch.setitem(PLAIN, "agencies.Sector", "id unit name colour")
    assert registry.undeclared() == ["agencies.Sector.colour does not exist"]


def test_a_column_is_declared_once():
    with pytest.raises(ValueError, match="declared twice"):
        Personal("requests.X", Activity.CLAIMS, {"words": WORDS}, plain="id words")


def test_whoever_signs_in_is_personal_everywhere():
    """An account or a membership that a row names says what a person did."""
    for label, names in PLAIN.items():
        model = apps.get_model(label)
        for name in names.split():
            field = model._meta.get_field(name)
            if field.is_relation and field.related_model:
                assert field.related_model._meta.label not in (
                    "portal.User",
                    "tenants.Tenant",
                    "agencies.Membership",
                ), f"{label}.{name}"


def test_what_is_declared_can_be_done():
    """A column that is emptied may be empty, one that goes with its row has a row that goes."""
    for row in registry.PERSONAL.values():
        model = registry.model_of(row)
        for name, column in row.columns.items():
            field = model._meta.get_field(name)
            where = f"{row.label}.{name}"
            if row.then is Then.KEEP and (row.claim or row.person):
                assert column.erased is Erased.KEPT, where
            if row.then is Then.BLANK:
                assert column.erased is not Erased.ROW, where
                if column.erased is Erased.NULL:
                    assert field.null, where
                if column.erased is Erased.RANDOM:
                    assert isinstance(field, models.CharField), where


def test_every_column_has_a_name_that_people_read():
    for row in registry.PERSONAL.values():
        for name in row.columns:
            assert label_of(registry.model_of(row), name)
