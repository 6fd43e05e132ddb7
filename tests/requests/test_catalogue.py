"""The catalogue is whole, in two languages, and never overwrites the landlord's edits."""

import pytest

from requests.actions.catalogue import load_catalogue
from requests.models import Category

pytestmark = pytest.mark.django_db


def test_all_categories_in_two_languages():
    assert load_catalogue() == 212
    assert not Category.objects.filter(label_en="").exists()
    assert not Category.objects.exclude(safety_advice_fr="").filter(safety_advice_en="").exists()


def test_loading_again_keeps_what_was_edited():
    load_catalogue()
    Category.objects.filter(code="PLO-03").update(ack_hours=7)
    assert load_catalogue() == 0
    assert Category.objects.get(code="PLO-03").ack_hours == 7
