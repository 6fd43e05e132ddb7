"""The import of the stock: dry by default, all or nothing, and the same twice."""

import csv
import io
from datetime import time

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import translation

from agencies import units
from agencies.imports import apply, runs
from agencies.models import (
    Building,
    Desk,
    Dwelling,
    ImportRun,
    OpeningHours,
    Residence,
    Staircase,
    Unit,
)
from portal.clock import now
from tests import factories
from tests.agencies.imports.rpls_files import dwelling, rpls_bytes
from tests.agencies.imports.second_person import approve, from_head_office, sender

pytestmark = pytest.mark.django_db
SOUTH = {"CODSEGPATRIM": "02", "LIBSEGPATRIM": "AGENCE SUD"}
BAN = "id;numero;rep;nom_voie;code_postal;nom_commune;lat;lon\n"


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def run(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"

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
    return [model._default_manager.count() for model in models]


def test_dry_run_reports_and_writes_nothing(run):
    said = run(stock({}, {}, {"BAT": "B"}))
    assert "Rows read 3" in said
    assert "Dwellings 3 3 created, 0 changed, 0 unchanged, 0 vanished" in said
    assert "nothing written" in said
    assert counts() == [0] * 6


def test_apply_writes_the_whole_tree(run):
    run(stock({}, {}, {"BAT": "B"}), "--apply")
    assert counts() == [2, 11, 1, 2, 2, 3]
    unit = Unit.objects.get(kind="agency")
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
    later = stock({"DPEENERGIE": "B"}, SOUTH | {"LIEUDIT": "NOUVELLE"})
    with pytest.raises(CommandError, match="Nothing written"):
        run(later, "--apply")
    assert not Dwelling.objects.filter(energy="B").exists()
    said = run(later, "--apply", *sender(), "--unit", "02=+")
    assert not Dwelling.objects.filter(energy="B").exists()
    approve()
    assert "Dwellings 2 0 created, 2 changed, 0 unchanged, 1 vanished (kept)" in said
    assert "Dwellings, energy class: 1 changed" in said
    assert "1 of 3 are missing" in said
    assert Dwelling.objects.get(natural_key="LGT00001").energy == "B"
    moved = Dwelling.objects.get(natural_key="LGT00002")
    assert moved.pk == old
    assert moved.staircase.building.residence.name == "NOUVELLE"
    assert moved.staircase.building.residence.unit.code == "02"
    assert Dwelling.objects.filter(natural_key="LGT00003").exists()


def test_no_command_lets_one_person_pass_the_thresholds(run, landlord, client):
    gone = stock({})
    Residence.objects.update(commune="EVREUIL L ETANG")  # as the file's town, written otherwise
    agent = factories.member(landlord["north"], "agent").user
    for by in ([], ["--by", "nobody@example.test"], ["--by", agent.email]):
        with pytest.raises(CommandError, match="Nothing written"):
            run(gone, "--apply", *by)
    assert not ImportRun.objects.exists()
    said = run(gone, "--apply", *sender(), "--agency", "nord")
    held = ImportRun.objects.get()
    assert (held.kind, held.agency, held.name) == ("rpls", landlord["north"], "stock.csv")
    assert f"/stock/imports/{held.pk}/" in said
    runs.drain(now)
    client.force_login(from_head_office("helene"))
    client.post(reverse("stock:import_apply", args=[held.pk]))
    runs.drain(now)
    assert not Dwelling.objects.filter(natural_key="LGT00001").exists()
    assert approve().by.email == "helene@example.test"
    assert Dwelling.objects.filter(natural_key="LGT00001").exists()


def test_a_file_of_another_town_misses_nothing_here(run):
    run(stock({}, {}, {}), "--apply")
    there = stock({"LIBCOM": "AUTREVILLE", "LIEUDIT": "LOIN", "IDENT_INT": "X1"})
    said = run(there, "--apply")
    assert "Left alone, in communes that the file does not name: 3 dwellings." in said
    assert Dwelling.objects.count() == 4
    assert "0 created, 0 changed, 1 unchanged, 0 vanished" in run(there, "--apply")


def test_coordinates_of_the_file_only_fill_a_gap(run):
    content = rpls_bytes([dwelling(1)], "geolocated")
    run(content, "--apply")
    assert Building.objects.get().latitude == pytest.approx(48.85, abs=0.1)
    Building.objects.update(latitude=1.5)
    assert "0 created, 0 changed, 1 unchanged" in run(content, "--apply")
    assert Building.objects.get().latitude == 1.5


def test_residence_goes_to_another_agency(run):
    run(stock({}), "--apply")
    with pytest.raises(CommandError, match="Nothing written"):
        run(stock({"CODSEGPATRIM": "02"}), "--apply")
    assert Residence.objects.get().unit.code == "01"
    said = run(
        stock({"CODSEGPATRIM": "Nord Est", "LIBSEGPATRIM": "Antenne Malakoff"}),
        "--apply",
        *sender(),
        "--unit",
        "nord-est=+",
    )
    approve()
    assert "Residences 1 0 created, 1 changed" in said
    unit = Residence.objects.get().unit
    assert (unit.code, unit.kind) == ("nord-est", Unit.Kind.BRANCH)


def test_what_the_file_does_not_say_is_kept(run):
    run(stock({}), "--apply")
    Unit.objects.filter(kind="agency").update(name="Agence renommée")
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
    again = {"IDENT_INT": "LGT00001", "NUMAPPT": "1", "LIEUDIT": "JUMELLE"}
    blank = dict.fromkeys(dwelling(3), "") | {"LIBCOM": "Évreuil-l'Étang"}
    said = run(stock({}, again, blank), "--apply", "--report", str(report))
    assert "Repeated 1" in said
    assert "line 2: the same dwelling as line 3: LGT00001" in said
    assert "Rejected 1" in said
    assert set(Residence.objects.values_list("name", flat=True)) == {"LES ÉGLANTINES", "JUMELLE"}
    rows = list(csv.DictReader(io.StringIO(report.read_text("utf-8-sig")), delimiter=";"))
    assert [row["line"] for row in rows] == ["4"]
    assert rows[0]["LIBCOM"] == "Évreuil-l'Étang"


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


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (rpls_bytes([], "landlord"), "no line below"),
        ("Bail;Logement;Locataire;Nom;Début\nB1;L1;T1;M;01/02/2020\n", "tenants and leases"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(200)) * 5, "not a table"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 99, "old Excel"),
        ("nom;prix\npain;2\n", "not an RPLS file"),
        (b"", "empty"),
    ],
)
def test_a_wrong_file_changes_nothing(run, content, words):
    with pytest.raises(CommandError, match=words):
        run(content, "--apply")
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
    assert counts() == [2, 11, 1, 1, 2, 2]
    assert "2 unchanged" in run(stock(*rows), "--apply")


def test_without_agency_one_question_is_asked(run, landlord):
    content = "residence;code_commune;rue;numero;logement\nClos;44109;rue du Lin;3;L1\n"
    with pytest.raises(CommandError, match="say which unit holds what"):
        run(content, "--apply", layout="csv")
    assert not Residence.objects.filter(name="Clos").exists()
    with pytest.raises(CommandError, match="No unit"):
        run(content, "--agency", "nulle-part", layout="csv")
    run(content, "--apply", "--agency", "nord", layout="csv")
    assert Residence.objects.get(name="Clos").unit == landlord["north"]
    assert "0 created, 0 changed, 1 unchanged, 0 vanished" in run(content, layout="csv")


def test_a_small_landlord_gets_its_one_agency(run):
    content = "residence;code_commune;rue;numero;logement\nClos;44109;rue du Lin;3;L1\n"
    assert "No agency is named: one is created" in run(content, "--apply", layout="csv")
    unit = Residence.objects.get(name="Clos").unit
    assert unit.kind == Unit.Kind.AGENCY
    assert {d.kind for d in unit.desks.all()} == set(units.AGENCY_DESKS)
    assert "1 unchanged" in run(content, "--apply", layout="csv")
    assert Unit.objects.filter(kind="agency").count() == 1


def test_segments_that_are_not_agencies_are_doubted_or_left_aside(run):
    rows = [{"CODSEGPATRIM": str(n), "LIEUDIT": f"R{n}"} for n in range(40)]
    with pytest.raises(CommandError, match="Nothing written"):
        run(stock(*rows), "--apply")
    assert "Units 1 1 created" in run(stock(*rows), "--apply", "--one-agency")
    assert Residence.objects.count() == 40


def test_a_new_unit_can_be_routed_to_at_once(run):
    run(stock({}), "--apply")
    for unit in Unit.objects.all():
        assert unit.desks.exists()
        assert {h.weekday for h in unit.hours.all()} == {0, 1, 2, 3, 4}
    head = Unit.objects.get(kind=Unit.Kind.HEAD_OFFICE)
    assert {d.kind for d in head.desks.all()} == set(units.HEAD_DESKS)
    assert OpeningHours.objects.filter(unit=None).count() == 10


def test_a_unit_without_hours_still_has_a_week(run, landlord):
    OpeningHours.objects.all().delete()
    assert len(units.hours_of(landlord["north"])) == 10
    OpeningHours.objects.create(weekday=5, opens=time(9), closes=time(12))
    assert [h.weekday for h in units.hours_of(landlord["north"])] == [5]


def test_building_codes_are_shown_with_their_zeros(run):
    run(stock({"BAT": "01"}, {"BAT": "1"}, {"BAT": "007"}), "--apply")
    assert sorted(Building.objects.values_list("code", flat=True)) == ["007", "01"]


def test_few_departures_and_changes_need_nobody_else(run):
    rows = [{} for _ in range(100)]
    run(stock(*rows), "--apply")
    rows[:5] = [{"DPEENERGIE": "B"}] * 5
    assert "Applied" in run(stock(*rows[:98]), "--apply")
    with pytest.raises(CommandError):
        run(stock(*rows[:97]), "--apply")


def test_addresses_give_coordinates(run):
    run(
        stock({"X": "", "Y": ""}, {"X": "", "Y": "", "LIEUDIT": "LOIN", "NUMVOIE": "99"}), "--apply"
    )
    base = BAN + "a;12;bis;Rue des Églantines;01990;Évreuil-l’Étang;46.1;5.2\n"
    base += "b;12;bis;Rue des Églantines;75001;Paris;48;2\nc;1;;Rue X;01990;Évreuil;;\n"
    assert "Buildings 2 0 created, 1 changed, 0 unchanged, 1 not found" in run(base, layout="ban")
    assert not Building.objects.filter(latitude__isnull=False).exists()
    said = run(base, "--apply", layout="ban")
    assert "Rejected 1" in said
    place = Building.objects.get(residence__name="LES ÉGLANTINES")
    assert (place.latitude, place.longitude) == (46.1, 5.2)
    assert "0 changed, 1 unchanged, 1 not found" in run(base, "--apply", layout="ban")
