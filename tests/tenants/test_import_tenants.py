"""The import of tenants: dry by default, held when many leave, and the same twice."""

import io

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from agencies.imports import runs
from agencies.models import Dwelling, ImportRun
from portal.clock import now
from tenants.bill_codes import ALPHABET
from tenants.models import ContactPoint, Lease, Need, Occupancy, Tenant
from tests.agencies.imports.second_person import approve, sender

pytestmark = pytest.mark.django_db
HEADER = (
    "Bail;Logement;Locataire;Civilité;Prénom;Nom;Courriel;Mobile;Début;Fin;Qualité;Besoins;"
    "Numéro;Voie;Étage;Porte\n"
)
ZOE = "B1;k1;T1;Mme;Zoé;Martin;zoe@example.org;0639980001;01/02/2020;;titulaire;escaliers;;;;\n"
ALI = "B1;k1;T2;M.;Ali;Martin;;0639980002;01/03/2020;;cotitulaire;;;;;\n"


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def run(tmp_path, landlord, settings):
    settings.MEDIA_ROOT = tmp_path / "media"

    def run(content, *options):
        file, out = tmp_path / "tenants.csv", io.StringIO()
        file.write_bytes(content if isinstance(content, bytes) else (HEADER + content).encode())
        call_command("import_tenants", str(file), *options, stdout=out)
        return " ".join(out.getvalue().split())

    return run


def people():
    return Tenant.objects.system("test")


def test_dry_run_writes_nothing(run):
    said = run(ZOE + ALI)
    assert "Tenants 2 2 created" in said
    assert "nothing written" in said
    assert not people().exists()


def test_apply_writes_people_and_lease(run):
    run(ZOE + ALI, "--apply")
    zoe = people().get(external_ref="T1")
    assert str(zoe) == "Mme Zoé Martin"
    assert {(c.kind, c.value, c.preferred) for c in zoe.contact_points.all()} == {
        ("email", "zoe@example.org", True),
        ("phone", "+33639980001", False),
    }
    lease = Lease.unscoped.get()
    assert (lease.reference, lease.dwelling.natural_key, str(lease.starts)) == (
        "B1",
        "k1",
        "2020-02-01",
    )
    assert set(lease.bill_code) <= set(ALPHABET)
    assert len(lease.bill_code) == 10
    assert {o.capacity for o in lease.occupancies.all()} == {"holder", "joint_tenant"}
    assert Need.unscoped.get().code == "stairs"
    assert zoe.user is None


def test_the_same_file_twice_changes_nothing(run):
    run(ZOE + ALI, "--apply")
    code = Lease.unscoped.get().bill_code
    said = run(ZOE + ALI, "--apply")
    assert "Tenants 2 0 created, 0 changed" in said
    assert "Occupancies 2 0 created, 0 changed, 2 unchanged, 0 vanished" in said
    assert "Needs 1 0 created, 0 changed" in said
    assert Lease.unscoped.get().bill_code == code


def test_departures_are_dated_and_wait_for_a_second_look(run):
    run(ZOE + ALI, "--apply")
    gone = ZOE.replace("01/02/2020;;", "01/02/2020;30/06/2024;")
    with pytest.raises(CommandError, match="Nothing written"):
        run(gone + ALI, "--apply")
    assert not Occupancy.unscoped.filter(ends__isnull=False).exists()
    assert "1 of 2 people would leave" in run(gone + ALI, "--apply", *sender())
    assert not Occupancy.unscoped.filter(ends__isnull=False).exists()
    approve()
    assert str(Occupancy.unscoped.get(tenant__external_ref="T1").ends) == "2024-06-30"
    assert Lease.unscoped.get().ends is None
    both = gone + ALI.replace("01/03/2020;;", "01/03/2020;31/07/2024;")
    run(both, "--apply", *sender())
    approve()
    assert str(Lease.unscoped.get().ends) == "2024-07-31"


def test_who_is_not_in_the_file_is_told_of_and_kept(run):
    run(ZOE + ALI, "--apply")
    said = run(ZOE)
    assert "1 vanished (kept)" in said
    run(ZOE, "--apply", *sender())
    # Nothing would be written, so nobody has anything to approve.
    runs.drain(now)
    assert ImportRun.objects.get().state == ImportRun.State.APPLIED
    assert Occupancy.unscoped.get(tenant__external_ref="T2").ends is None


def test_a_contact_known_is_kept_and_a_new_one_added(run):
    run(ZOE, "--apply")
    run(ZOE.replace("zoe@example.org", "nouvelle@example.org"), "--apply")
    values = ContactPoint.unscoped.filter(kind="email").values_list("value", "preferred")
    assert set(values) == {("zoe@example.org", True), ("nouvelle@example.org", False)}


def test_rejected_lines_with_their_reason(run, tmp_path):
    report = tmp_path / "rejects.csv"
    rows = (
        ZOE.replace("0639980001", "06 12")
        + "B2;inconnu;T3;;A;B;;;01/01/2020;;;;;;;\n"
        + "B3;;T4;;A;B;;;01/01/2020;;;;9;rue de Nulle Part;;\n"
        + "B4;k1;T5;;A;B;;;hier;;;;;;;\n"
    )
    said = run(rows, "--apply", "--report", str(report))
    assert "line 2: Phone “06 12” is not a number: left out. The rest of the line" in said
    assert "line 3: No dwelling has the reference “inconnu”" in said
    assert "line 4: No dwelling is known at this address" in said
    assert "line 5: A date is not one" in said
    assert people().count() == 1
    assert report.read_text("utf-8-sig").count("\n") == 5


def test_a_dwelling_is_found_by_its_address_or_not_guessed(run, landlord):
    stairs = landlord["dwelling"].staircase
    Dwelling.objects.create(staircase=stairs, natural_key="k2", door="14", floor=1)
    line = "B1;;T1;;Zoé;M;;;01/02/2020;;;;1;Rue du Lin;1;{door}\n"
    assert "2 dwellings fit" in run(line.format(door=""))
    run(line.format(door="014"), "--apply")
    assert Lease.unscoped.get().dwelling.natural_key == "k2"


def test_a_lease_does_not_move(run, landlord):
    run(ZOE, "--apply")
    stairs = landlord["dwelling"].staircase
    Dwelling.objects.create(staircase=stairs, natural_key="k2", door="14")
    assert "known for another dwelling" in run(ZOE.replace(";k1;", ";k2;"))


def test_a_failure_midway_writes_nothing(run, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("disk full")

    monkeypatch.setattr(Need.unscoped, "bulk_create", fail)
    with pytest.raises(RuntimeError):
        run(ZOE, "--apply")
    assert not people().exists()


def test_a_workbook(run):
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for line in (HEADER, ZOE):
        book.active.append(line.strip("\n").split(";"))
    book.save(stream)
    with pytest.raises(CommandError, match="--format xlsx"):
        run(stream.getvalue())
    run(stream.getvalue(), "--format", "xlsx", "--apply")
    assert people().count() == 1


def test_a_stock_file_is_refused_by_name(run):
    with pytest.raises(CommandError, match="looks like a Palier stock file"):
        run(b"residence;logement;voie;code_commune\nA;L1;Rue;44109\n")


def test_the_example_can_be_written_and_read(tmp_path, landlord):
    file = tmp_path / "example.csv"
    call_command("import_tenants", str(file), "--template", stdout=io.StringIO())
    out = io.StringIO()
    call_command("import_tenants", str(file), stdout=out)
    assert "No dwelling has the reference" in out.getvalue()
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("import_tenants", str(file), "--template")
