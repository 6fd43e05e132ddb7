"""The catalogue is whole, in two languages, and never overwrites the landlord's edits."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from requests.catalogue.actions import load_catalogue
from requests.catalogue.models import Category

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


def test_every_fault_behind_the_eight_pictures_has_its_own():
    load_catalogue()
    drawn = set(
        re.findall(r'<symbol id="([^"]+)"', Path(finders.find("img/faults.svg")).read_text())
    )
    pictures = set(Category.objects.exclude(picture="").values_list("picture", flat=True))
    assert pictures == drawn
    assert not Category.objects.exclude(tile="other").filter(picture="").exists()


def test_a_fault_shows_its_picture_and_the_others_that_of_their_family(client):
    load_catalogue()
    assert "faults.svg#tap" in client.get("/file/fault/water/").content.decode()
    page = client.get("/file/family/VOI/").content.decode()
    assert "sprite.svg#p-noise" in page
    assert "sprite.svg#p-paper" in client.get("/file/fault/other/").content.decode()
