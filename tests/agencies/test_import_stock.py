"""The import of the stock: dry by default, all or nothing, and the same twice."""

import csv
import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from agencies.imports import apply
from agencies.models import Building, Desk, Dwelling, Residence, Staircase, Unit
from tests.agencies.imports.rpls_files import dwelling, rpls_bytes

pytestmark = pytest.mark.django_db
BAN = "id;numero;rep;nom_voie;code_postal;nom_commune;lat;lon\n"


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def run(tmp_path):
    def run(content, *options, layout="rpls"):
        file, out = tmp_path / "stock.csv", io.StringIO()
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        call_command("import_stock", str(file), "--format", layout, *options, stdout=out)
        return " ".join(out.getvalue().split())

    return run


def stock(*changes: dict) -> bytes:
    return rpls_bytes([dwelling(n, **change) for n, change in enumerate(changes, 1)], "landlord")


def counts() -> list[int]:
    models = (Unit, Desk, Residence, Building, Staircase, Dwelling)
    return [model.objects.count() for model in models]


def test_dry_run_reports_and_writes_nothing(run):
    said = run(stock({}, {}, {"BAT": "B"}))
    assert "Rows read 3" in said
    assert "Dwellings 3 3 created, 0 changed, 0 unchanged, 0 vanished" in said
    assert "nothing written" in said
    assert counts() == [0] * 6


def test_apply_writes_the_whole_tree(run):
    run(stock({}, {}, {"BAT": "B"}), "--apply")
    assert counts() == [1, 3, 1, 2, 2, 3]
    unit = Unit.objects.get()
    assert (unit.code, unit.kind, unit.name) == ("01", "agency", "AGENCE DU LAC")
    assert {d.kind for d in unit.desks.all()} == {"clientele", "technical", "caretakers"}
    home = Dwelling.objects.get(natural_key="LGT00001")
    assert (home.door, home.floor, home.rooms, str(home.area)) == ("1", 0, 3, "66.50")
    assert home.staircase.street == "12 B RUE DES ÉGLANTINES"
    assert home.staircase.code == "1/1 12 B RUE DES EGLANTINES"
    building = home.staircase.building
    assert (building.code, building.built) == ("A", 1972)
    assert building.residence.priority_district


def test_second_run_changes_nothing(run):
    content = stock({}, {}, {"BAT": "B"}, {"LIEUDIT": "AUTRE", "BAT": "", "IMMEU": ""})
    run(content, "--apply")
    said = run(content, "--apply")
    for line in ("Units 1", "Residences 2", "Buildings 3", "Staircases 3", "Dwellings 4"):
        assert f"{line} 0 created, 0 changed" in said
    assert "4 unchanged, 0 vanished" in said


def test_changes_moves_and_vanished(run):
    run(stock({}, {}, {}), "--apply")
    old = Dwelling.objects.get(natural_key="LGT00002").pk
    said = run(stock({"DPEENERGIE": "B"}, {"LIEUDIT": "NOUVELLE", "CODSEGPATRIM": "02"}), "--apply")
    assert "Dwellings 2 0 created, 2 changed, 0 unchanged, 1 vanished (kept)" in said
    assert "dwelling energy changed: 1" in said
    assert Dwelling.objects.get(natural_key="LGT00001").energy == "B"
    moved = Dwelling.objects.get(natural_key="LGT00002")
    assert moved.pk == old
    assert moved.staircase.building.residence.name == "NOUVELLE"
    assert moved.staircase.building.residence.unit.code == "02"
    assert Dwelling.objects.filter(natural_key="LGT00003").exists()


def test_coordinates_of_the_file_only_fill_a_gap(run):
    content = rpls_bytes([dwelling(1)], "geolocated")
    run(content, "--apply")
    assert Building.objects.get().latitude == pytest.approx(48.85, abs=0.1)
    Building.objects.update(latitude=1.5)
    assert "0 created, 0 changed, 1 unchanged" in run(content, "--apply")
    assert Building.objects.get().latitude == 1.5


def test_residence_goes_to_another_agency(run):
    run(stock({}), "--apply")
    said = run(stock({"CODSEGPATRIM": "Nord Est", "LIBSEGPATRIM": "Antenne Malakoff"}), "--apply")
    assert "Residences 1 0 created, 1 changed" in said
    unit = Residence.objects.get().unit
    assert (unit.code, unit.kind) == ("nord-est", Unit.Kind.BRANCH)


def test_what_the_file_does_not_say_is_kept(run):
    run(stock({}), "--apply")
    Unit.objects.update(name="Agence renommée")
    Residence.objects.update(name="Les Églantines")
    Building.objects.update(latitude=1.5, longitude=2.5)
    blank = dict.fromkeys(("DPEENERGIE", "SURFHAB", "NBPIECE", "ETAGE", "QPV", "CONSTRUCT"), "")
    said = run(stock(blank), "--apply")
    assert "0 created, 0 changed, 1 unchanged" in said
    home = Dwelling.objects.select_related("staircase__building__residence__unit").get()
    assert (home.energy, home.floor, home.rooms) == ("D", 0, 3)
    residence = home.staircase.building.residence
    assert (residence.name, residence.unit.name) == ("Les Églantines", "Agence renommée")
    assert residence.priority_district
    assert home.staircase.building.latitude == 1.5


def test_spreadsheets_that_eat_zeros_change_nothing(run):
    run(stock({"BAT": "01", "ENTREE": "01"}), "--apply")
    said = run(stock({"BAT": "1", "ENTREE": "1", "ESC": "1"}), "--apply")
    assert "Buildings 1 0 created" in said
    assert "1 unchanged" in said


def test_rejects_go_to_the_report_and_their_residence_is_known(run, tmp_path):
    report = tmp_path / "rejects.csv"
    twin = {"IDENT_INT": "LGT00001", "LIEUDIT": "JUMELLE"}
    said = run(stock({}, twin, {"DEPCOM": "?"}), "--apply", "--report", str(report))
    assert "Rejected 2" in said
    assert "line 3: Same dwelling as line 2" in said
    assert set(Residence.objects.values_list("name", flat=True)) == {"LES ÉGLANTINES", "JUMELLE"}
    rows = list(csv.DictReader(io.StringIO(report.read_text("utf-8-sig")), delimiter=";"))
    assert [row["line"] for row in rows] == ["3", "4"]
    assert rows[1]["DEPCOM"] == "?"


def test_report_never_overwrites_the_file(run, tmp_path):
    with pytest.raises(CommandError, match="overwrite"):
        run(stock({}), "--report", str(tmp_path / "stock.csv"))
    with pytest.raises(CommandError, match="cannot be written"):
        run(stock({}), "--apply", "--report", str(tmp_path / "absent" / "rejects.csv"))
    assert counts() == [0] * 6


def test_wrong_file_is_refused_before_anything(run):
    with pytest.raises(CommandError, match="looks like a BAN address file"):
        run(BAN + "1;1;;Rue X;99000;Valmer;1;1\n", "--apply")
    broken = stock({}).decode("iso-8859-1") + '"LGT9' + ";x" * 200_000
    with pytest.raises(CommandError, match="double quote"):
        run(broken, "--apply")
    assert counts() == [0] * 6


def test_a_failure_midway_writes_nothing(run, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("disk full")

    monkeypatch.setattr(apply.Dwelling.objects, "bulk_create", fail)
    with pytest.raises(RuntimeError):
        run(stock({}), "--apply")
    assert counts() == [0] * 6


def test_long_values_are_cut_and_stay_distinct(run):
    long = "X" * 400
    change = {"LIEUDIT": long, "NOMVOIE": long, "BAT": long, "NUMAPPT": long, "LIBCOM": long}
    change |= {"CODSEGPATRIM": long, "LIBSEGPATRIM": long, "SURFHAB": "9999,996"}
    rows = [change | {"IDENT_INT": long + end, "ENTREE": long + end} for end in "ab"]
    run(stock(*rows), "--apply")
    assert counts() == [1, 3, 1, 1, 2, 2]
    assert "2 unchanged" in run(stock(*rows), "--apply")


def test_without_agency_lines_wait_for_a_choice(run, landlord):
    content = "residence;code_commune;rue;numero;logement\nClos;44109;rue du Lin;3;L1\n"
    said = run(content, "--apply", layout="csv")
    assert "line 2: No agency is named for “Clos”" in said
    assert not Residence.objects.filter(name="Clos").exists()
    with pytest.raises(CommandError, match="No unit"):
        run(content, "--agency", "nulle-part", layout="csv")
    run(content, "--apply", "--agency", "nord", layout="csv")
    assert Residence.objects.get(name="Clos").unit == landlord["north"]
    assert "0 created, 0 changed, 1 unchanged, 1 vanished" in run(content, layout="csv")


def test_addresses_give_coordinates(run):
    run(
        stock({"X": "", "Y": ""}, {"X": "", "Y": "", "LIEUDIT": "LOIN", "NUMVOIE": "99"}), "--apply"
    )
    base = BAN + "a;12;bis;Rue des Églantines;01990;Évreuil-l’Étang;46.1;5.2\n"
    base += "b;12;bis;Rue des Églantines;75001;Paris;48;2\nc;1;;Rue X;01990;Évreuil;;\n"
    assert "Buildings 2 1 changed, 0 unchanged, 1 not found" in run(base, layout="ban")
    assert not Building.objects.filter(latitude__isnull=False).exists()
    said = run(base, "--apply", layout="ban")
    assert "Rejected 1" in said
    place = Building.objects.get(residence__name="LES ÉGLANTINES")
    assert (place.latitude, place.longitude) == (46.1, 5.2)
    assert "0 changed, 1 unchanged, 1 not found" in run(base, "--apply", layout="ban")
