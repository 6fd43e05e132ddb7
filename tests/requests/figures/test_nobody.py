"""Whatever figures leave by names nobody: boards, their files, the week's mail, the public pages,
views, API, files to a bucket or an SFTP server, surveys and their files."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from portal.access import Role
from portal.actor import Actor
from portal.clock import now
from requests.claims.events import Event
from requests.claims.transitions import record
from requests.figures import actions as figures
from requests.figures import digest, public, upkeep
from requests.figures.fact_models import Fact, PublishedTable, Rollup, StockCount
from requests.notifications.models import Delivery
from requests.reporting import exports
from requests.reporting.datasets import DATASETS
from requests.reporting.models import ExportRun, ScheduledExport
from requests.surveys import actions as surveys
from requests.surveys.models import Survey, SurveyAnswer, SurveyMark
from tests import factories

pytestmark = pytest.mark.django_db
STAFF = ("Cnrystaffname", "cnrystaff")
PERSON = ("Cnryfirst", "Cnrylast", "cnrymail", "cnrywords", "cnrydoor", "33600000042")
# Their keys to a person or a member of staff: none, so that no board could show one.
ANONYMOUS = (Fact, Rollup, StockCount, PublishedTable, SurveyMark, SurveyAnswer)


@pytest.fixture
def world(landlord, settings, tmp_path):
    """Return the landlord with one lone claim of a canary, dealt with by another, and a wave."""
    settings.PALIER_EXPORT_STORAGE = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(tmp_path), "allow_overwrite": True},
    }
    landlord["dwelling"].door = "cnrydoor"
    landlord["dwelling"].save()
    person = factories.tenant(
        landlord["dwelling"], first_name="Cnryfirst", last_name="Cnrylast", email="cnrymail@x.test"
    )
    factories.contact(person, "+33600000042")
    manager = factories.member(landlord["north"], Role.AGENCY_MANAGER)
    manager.user.first_name, manager.user.email = "Cnrystaffname", "cnrystaff@x.test"
    manager.user.save()
    at = now() - timedelta(days=20)
    claim = factories.leak(landlord, at, tenant=str(person.pk), words="cnrywords de la cuisine")
    record(claim=claim, name=Event.MESSAGE_OUT, actor=Actor.member(manager), now=at)
    upkeep.rebuild(now=now())
    public.publish(now(), again=True)
    wave = factories.survey(now() - timedelta(days=40), drawn_at=now(), planned_by=manager.user)
    Survey.objects.filter(pk=wave.pk).update(frame={"homes": {"nord": 60, "sud": 40}})
    factories.answers(wave, landlord["north"], [9, 8, 7, 6, 8, 9], words="cnrywords")
    factories.answers(wave, landlord["south"], [1, 1, 1])
    surveys.close(survey=wave, now=now())
    wave.refresh_from_db()
    reader = factories.member(landlord["north"], Role.AGENT)
    figures.want_digest(membership=reader, wanted=True)
    return {**landlord, "manager": manager, "wave": wave, "folder": tmp_path}


def cells(data: bytes) -> str:
    """Return every cell of a workbook as text."""
    book = load_workbook(io.BytesIO(data))
    return " ".join(str(c.value) for sheet in book for row in sheet for c in row)


def outlets(client, world) -> dict[str, str]:
    """Return what each outlet says, to whoever may read it."""
    head = factories.member(world["head"], Role.HEAD_OFFICE)
    speaks = factories.member(world["north"], Role.TENANT_REPRESENTATIVE)
    said = {}

    def get(path: str) -> bytes:
        answer = client.get(path)
        assert answer.status_code == 200, path
        data = b"".join(answer.streaming_content) if answer.streaming else answer.content
        # The head of a staff page greets who is signed in; figures stand in its main part.
        return data.split(b"<main")[-1].split(b"</main")[0] if b"<main" in data else data

    client.force_login(head.user)
    for board in ("customers", "stock", "agency"):
        said[f"{board}.csv"] = get(reverse("figures:csv", args=[board])).decode()
        said[f"{board}.xlsx"] = cells(get(reverse("figures:xlsx", args=[board])))
    for name in ("head_office:overview", "head_office:stock", "figures:agency"):
        said[name] = get(reverse(name)).decode()
    for dataset in DATASETS:
        said[dataset.view] = get(reverse("exports:dataset_csv", args=[dataset.name])).decode()
        said[f"api {dataset.name}"] = get(f"/api/v1/reporting/{dataset.name}/").decode()
    wave = world["wave"].pk
    for reader in (head, world["manager"], speaks):
        client.force_login(reader.user)
        for name in ("survey", "csv"):
            page = get(reverse(f"surveys:{name}", args=[wave])).decode()
            said[f"survey {name} {reader.role}"] = page
    said["residents"] = get(reverse("residents")).decode()
    client.logout()
    for name in ("kept_promises", "open_data", "open_package"):
        said[name] = get(reverse(name)).decode()
    for table in public.TABLES:
        said[table] = get(reverse("open_table", args=[table])).decode()
    return said


def test_no_outlet_of_figures_names_a_person_or_a_member_of_staff(client, world):
    found = outlets(client, world)
    for dataset in DATASETS:  # what leaves to the bucket or the SFTP server
        export = ScheduledExport.objects.create(dataset=dataset.name, made_at=now())
        run = ExportRun.objects.create(export=export, due_at=now())
        exports.make(key=str(run.pk), now=now())
        run.refresh_from_db()
        found[run.name] = (world["folder"] / run.name).read_text(encoding="utf-8-sig")
    monday = now() - timedelta(days=now().weekday())
    digest.sweep(now=monday.replace(hour=8) + timedelta(days=7))
    sent = Delivery.objects.system("test").filter(kind=Delivery.Kind.FIGURES)
    found["mail of the week"] = " ".join(row.text for row in sent)
    assert len(found) >= 40
    assert found["mail of the week"]
    said = {
        name: [word for word in (*STAFF, *PERSON) if word.lower() in text.lower()]
        for name, text in found.items()
    }
    assert {name: words for name, words in said.items() if words} == {}


def test_small_groups_of_a_survey_are_hidden_in_every_outlet(client, world):
    found = outlets(client, world)
    for name in ("survey csv head_office", "survey csv agency_manager"):
        assert "moins de 5 personnes" in found[name]
    # Three answers of 1 in the south: neither their mean nor what would tell it by subtraction.
    lines = [line for line in found["survey csv head_office"].splitlines() if "Sud" in line]
    assert any("moins de 5" in line for line in lines)
    assert not any('"1.0"' in line for line in lines)
    assert not any("Sud" in text for name, text in found.items() if "agency_manager" in name)
    assert all(row[-2] == "" for row in PublishedTable.objects.get(pk="claims").rows)


@pytest.mark.parametrize("model", ANONYMOUS, ids=lambda model: model.__name__)
def test_no_table_of_figures_leads_to_staff_or_tenants(model):
    led = {
        field.related_model._meta.label
        for field in model._meta.concrete_fields
        if field.related_model
    }
    assert not led & {"portal.User", "agencies.Membership", "tenants.Tenant", "agencies.Dwelling"}
