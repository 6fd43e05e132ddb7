"""What a file gets wrong is said where it is wrong: unknown units, impossible codes, no change."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from agencies.imports import runs
from agencies.models import Dwelling, ImportRun, Unit
from portal.clock import now
from tests.factories import member

pytestmark = pytest.mark.django_db
HEADS = "residence;code_commune;commune;voie;numero;logement;energie;agence"
HOME = "Les Saules;99001;Valmer;rue du Pré;2;LGT-1;D;Nord"


@pytest.fixture(autouse=True)
def _in_english_and_elsewhere(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def admin(client, landlord):
    user = member(landlord["head"], "admin").user
    client.force_login(user)
    return user


def send(client, *lines: str) -> ImportRun:
    file = SimpleUploadedFile("stock.csv", "\n".join([HEADS, *lines]).encode())
    answer = client.post("/stock/imports/", {"kind": "csv", "file": file})
    assert answer.status_code == 302
    runs.drain(now)
    return ImportRun.objects.get(pk=answer.url.split("/")[-2])


def page(client, run) -> str:
    return client.get(reverse("stock:import", args=[run.pk])).content.decode()


def test_an_unknown_unit_is_an_alarm_and_creates_nothing_by_itself(client, admin, landlord):
    held = send(client, HOME.replace("Nord", "Agence Perdue"))
    assert held.state == "held"  # the one dwelling known is not in the file
    assert "None of your units is called “Agence Perdue”" in page(client, held)
    Dwelling.objects.all().delete()
    run = send(client, HOME.replace("Nord", "Agence Perdue"))
    said = page(client, run)
    created = [line["created"] for line in run.report["lines"] if line["model"] == "agencies.Unit"]
    assert created in ([], [0])
    proposed = said.index('<option value="nord">'), said.index('<option value="+">')
    assert proposed[0] < proposed[1]  # a unit there is comes first: it is what the browser sends
    assert Unit.objects.count() == 3


def test_what_is_impossible_is_refused_by_the_names_of_the_file(client, admin):
    run = send(
        client,
        HOME,
        HOME.replace("LGT-1", ""),
        HOME.replace("LGT-1;D", "LGT-2;Z"),
    )
    assert run.report["rejected"] == 2
    reasons = run.rejects.open().read().decode()
    assert "logement is empty" in reasons
    assert "energie: “Z” is impossible. It is one of A–G." in reasons


def test_nothing_is_approved_where_nothing_changes(client, admin):
    Dwelling.objects.all().delete()
    first = send(client, HOME)
    client.post(reverse("stock:import_apply", args=[first.pk]))
    runs.drain(now)
    assert Dwelling.objects.filter(natural_key="LGT-1").exists()
    again = send(client, HOME)
    said = page(client, again)
    assert "there is nothing to approve" in said
    assert "Apply</button>" not in said
    assert again.state == "applied"
    assert again.approved_by is None


def test_an_example_has_a_line_to_overwrite(client, admin):
    for code in ("csv", "tenants"):
        lines = client.get(f"/stock/imports/template/{code}.csv").content.decode().splitlines()
        assert len(lines) >= 2
