"""Files through the screen: sent, checked, held, approved by another person, written once."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from agencies.imports import runs
from agencies.models import Building, Dwelling, ImportRun, Residence, Staircase
from portal.clock import now
from portal.models import User
from tenants.models import Tenant
from tests.agencies.imports.rpls_files import dwelling, rpls_bytes
from tests.factories import member

pytestmark = pytest.mark.django_db
IMPORTS = "/stock/imports/"
NOWHERE = dict.fromkeys(dwelling(1), "") | {"LIBCOM": "Évreuil"}  # a line that names no dwelling


@pytest.fixture(autouse=True)
def _in_english_and_elsewhere(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def helene(landlord):
    return member(landlord["head"], "head_office").user


@pytest.fixture
def other(landlord):
    user = User.objects.create_user("other@example.test", first_name="Luc")
    user.memberships.create(unit=landlord["head"], role="head_office", starts="2020-01-01")
    return user


def stock(*changes: dict) -> bytes:
    return rpls_bytes([dwelling(n, **change) for n, change in enumerate(changes, 1)], "landlord")


def empty_stock() -> None:
    for model in (Dwelling, Staircase, Building, Residence):
        model.objects.all().delete()


def send(client, content: bytes, kind="rpls", name="parc 2024.csv", **more) -> ImportRun:
    data = {"kind": kind, "file": SimpleUploadedFile(name, content), **more}
    answer = client.post(IMPORTS, data)
    assert answer.status_code == 302
    return ImportRun.objects.get(pk=answer.url.split("/")[-2])


def page(client, run) -> str:
    return client.get(reverse("stock:import", args=[run.pk])).content.decode()


def press(client, run) -> None:
    answer = client.post(reverse("stock:import_apply", args=[run.pk]))
    assert answer.status_code == 302
    run.refresh_from_db()


def test_from_upload_to_written(client, helene, other):
    client.force_login(helene)
    Residence.objects.update(commune="EVREUIL L ETANG")  # as the file's town, written otherwise
    run = send(client, stock({}, {}, NOWHERE))
    assert "being checked" in page(client, run)
    assert run.file.name.endswith(run.pk.hex)
    assert runs.drain(now) == 1
    run.refresh_from_db()
    assert run.state == "held"  # the one dwelling known is not in the file
    assert Dwelling.objects.count() == 1
    said = page(client, run)
    assert "A second person must approve" in said
    assert "1 line is rejected" in said

    press(client, run)
    assert run.state == "held"
    assert "ask another person" in client.get(reverse("stock:imports")).content.decode()

    client.force_login(other)
    press(client, run)
    assert run.state == "approved"
    runs.drain(now)
    run.refresh_from_db()
    assert (run.state, run.approved_by, run.by) == ("applied", other, helene)
    assert Dwelling.objects.count() == 3
    assert "What it changed" in page(client, run)
    assert "parc 2024.csv" in client.get(IMPORTS).content.decode()


def test_a_small_change_needs_nobody_else_and_a_second_press_does_nothing(client, helene, other):
    empty_stock()
    client.force_login(helene)
    run = send(client, stock({}, {}))
    runs.drain(now)
    run.refresh_from_db()
    assert run.state == "ready"
    press(client, run)
    runs.drain(now)
    press(client, run)
    assert (run.state, Dwelling.objects.count()) == ("applied", 2)
    assert runs.drain(now) == 0


def test_what_became_large_since_the_check_is_held(client, helene):
    empty_stock()
    client.force_login(helene)
    first, second = send(client, stock({}, {})), send(client, stock({"IDENT_INT": "AUTRE"}))
    runs.drain(now)
    for run in (first, second):
        press(client, run)
        runs.drain(now)
        run.refresh_from_db()
    assert (first.state, second.state, second.approved_by) == ("applied", "held", None)
    assert not Dwelling.objects.filter(natural_key="AUTRE").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(200)) * 5, "not a table of text"),
        (b"nom;prix\npain;2\n", "This is not an RPLS file"),
        (rpls_bytes([]), "no line below"),
    ],
)
def test_a_wrong_file_is_refused_in_words(client, helene, content, words):
    client.force_login(helene)
    run = send(client, content)
    runs.drain(now)
    run.refresh_from_db()
    assert run.state == "failed"
    said = page(client, run)
    assert words in said
    assert "Nothing was written" in said


def test_the_form_says_what_is_missing_and_keeps_the_rest(client, helene):
    client.force_login(helene)
    answer = client.post(IMPORTS, {"kind": "ban"})
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "Choose a file." in said
    assert 'value="ban"' in said
    assert "checked" in said
    assert not ImportRun.objects.exists()


def test_rejected_lines_are_safe_in_a_spreadsheet(client, helene):
    client.force_login(helene)
    run = send(client, rpls_bytes([NOWHERE | {"LIBCOM": "=cmd()", "REG": "@rue"}]))
    assert client.get(reverse("stock:import_rejects", args=[run.pk])).status_code == 404
    runs.drain(now)
    answer = client.get(reverse("stock:import_rejects", args=[run.pk]))
    assert "attachment" in answer["Content-Disposition"]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text), delimiter=";")
    assert (row["line"], row["LIBCOM"], row["REG"]) == ("2", "'=cmd()", "'@rue")


def test_tenants_come_in_on_the_same_screen(client, helene):
    client.force_login(helene)
    example = client.get("/stock/imports/template/tenants.csv")
    run = send(client, example.content.replace(b"LGT-0001", b"k1"), kind="tenants")
    runs.drain(now)
    run.refresh_from_db()
    assert run.report["rejected"] == 0
    press(client, run)
    runs.drain(now)
    assert Tenant.objects.system("test").count() == 2
    own = client.get("/stock/imports/template/csv.csv").content.decode()
    assert '"logement";"residence"' in own
    assert client.get("/stock/imports/template/rpls.csv").status_code == 404


def test_a_lost_lease_writes_nothing_and_a_killed_worker_is_replaced(
    client, helene, other, monkeypatch
):
    client.force_login(helene)
    run = send(client, stock({}))
    runs.drain(now)
    client.force_login(other)
    press(client, run)
    leased = runs._lease(now())
    assert runs._lease(now()) is None
    ImportRun.objects.filter(pk=run.pk).update(attempts=2)  # another worker took it since
    assert not runs._process(leased, now)
    assert Dwelling.objects.count() == 1
    assert runs.drain(lambda: now() + runs.LEASE) == 1
    assert Dwelling.objects.count() == 2


def test_a_fault_of_ours_is_tried_again_then_said(client, helene, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("disk full")

    client.force_login(helene)
    run = send(client, stock({}))
    monkeypatch.setattr(runs, "open_table", fail)
    for hours in range(ImportRun.MAX_ATTEMPTS):
        assert run.state == "checking"
        later = now() + timedelta(hours=hours)
        runs.drain(lambda later=later: later)
        run.refresh_from_db()
    assert (run.state, run.attempts) == ("failed", 4)
    assert "on our side" in run.message


def test_the_database_wants_a_second_person_too(client, helene):
    client.force_login(helene)
    run = send(client, stock({}))
    with pytest.raises(IntegrityError), transaction.atomic():
        ImportRun.objects.filter(pk=run.pk).update(held=True, approved_by=helene)


def test_old_files_are_dropped_and_their_report_kept(client, helene):
    client.force_login(helene)
    run = send(client, rpls_bytes([NOWHERE]))
    runs.drain(now)
    run.refresh_from_db()
    path = run.file.path
    runs.drain(lambda: now() + timedelta(days=31))
    run.refresh_from_db()
    assert not run.file
    assert not run.rejects
    assert run.report["rejected"] == 1
    with pytest.raises(FileNotFoundError):
        open(path)  # noqa: SIM115


def test_only_head_office_imports(client, landlord, helene):
    client.force_login(helene)
    run = send(client, stock({}))
    client.force_login(member(landlord["north"], "agency_manager").user)
    for name in ("import", "import_rejects"):
        assert client.get(reverse(f"stock:{name}", args=[run.pk])).status_code == 403
    assert client.get(IMPORTS).status_code == 403
    assert client.post(reverse("stock:import_apply", args=[run.pk])).status_code == 403


def test_progress_is_a_fragment_for_its_script(client, helene):
    client.force_login(helene)
    run = send(client, stock({}))
    url = reverse("stock:import", args=[run.pk])
    part = client.get(url, headers={"X-Panel": "1"}).content.decode()
    assert part.lstrip().startswith("<div")
    assert 'data-refresh="' in part
    assert "Refresh" in part
