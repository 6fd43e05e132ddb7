"""Registers that nobody tuned for: every line's dwelling is there, and read again it stays."""

import random
from collections import Counter

import pytest
from django.utils import translation

from agencies.imports.readers import rpls
from agencies.imports.tables import open_table
from agencies.models import Building, Dwelling, Residence, Staircase, Unit
from portal.clock import now
from tests.agencies.imports import registers
from tests.agencies.imports.rpls_files import rpls_bytes

pytestmark = pytest.mark.django_db
KINDS = {
    "whole": list,
    "mixed": registers.mixed,
    "numberless": registers.numberless,
    "streetless": registers.streetless,
    "doorless": lambda rows: registers.without(rows, *registers.DOORS),
}


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def load(rows, layout="2018", *, save=True, answers=None, **form):
    """Read the file of ``rows``, write it, and return what was planned."""
    plan = rpls(open_table(rpls_bytes(rows, layout, **form)), answers=answers)
    if save:
        plan.save()
    return plan


def writes(plan) -> dict[str, int]:
    created = {m.__name__: len(rows) for m, rows in plan.new.items() if rows}
    return created | {
        f"{m.__name__} changed": len(rows) for m, rows in plan.changed.items() if rows
    }


def told(plan) -> dict[str, int]:
    return {
        "read": plan.read,
        "refused": len(plan.rejects),
        "to identify": plan.to_identify,
        "missing": plan.vanished,
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_line_has_its_dwelling_and_no_order_changes_it(kind):
    rows = KINDS[kind](registers.whole())
    plan = load(rows)
    print(kind, told(plan))
    assert (plan.read, plan.rejects, plan.repeated) == (240, [], 0)
    assert Dwelling.objects.count() == 240
    sizes = Counter(str(int(float(row["SURFHAB"] or 0))) for row in registers.whole())
    if kind != "mixed":
        assert (
            Counter(str(int(a)) for a in Dwelling.objects.values_list("area", flat=True)) == sizes
        )
    for again in (rows, registers.shuffled(rows), rows[::-1]):
        plan = load(again)
        assert writes(plan) == {}, kind
        assert (plan.unchanged, plan.vanished) == (240, 0)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "mixed"])
def test_next_year_only_what_changed_is_written(kind):
    rows = KINDS[kind](registers.whole())
    load(rows)
    before = dict(Dwelling.objects.values_list("pk", "natural_key"))
    plan = load(registers.next_year(rows))
    print(kind, told(plan), writes(plan))
    assert len(plan.rejects) == 0
    kept = dict(Dwelling.objects.filter(pk__in=before).values_list("pk", "natural_key"))
    assert kept == before
    # Three are new, two are gone; the streetless file tells the new ones' place as another.
    assert len(plan.new[Dwelling]) <= 4
    assert plan.vanished <= 3
    assert len(plan.changed[Dwelling]) <= 240 // 20 + 240 // 50 + 12


def test_numbers_say_what_the_file_does_not_tell_apart():
    load(registers.numberless(registers.whole(12)))
    numbers = Dwelling.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 13))
    assert Dwelling.objects.first().door_label.startswith("no. ")
    Dwelling.objects.all().delete()
    load(registers.whole(12))
    assert not Dwelling.objects.filter(number__gt=0).exists()


def test_doors_that_a_later_file_tells_end_the_question():
    rows = registers.whole(24)
    load(registers.without(rows, *registers.DOORS))
    assert Dwelling.objects.filter(number__gt=0).count() == 24
    homes = set(Dwelling.objects.values_list("pk", flat=True))
    plan = load(rows)
    assert set(Dwelling.objects.values_list("pk", flat=True)) == homes
    assert (len(plan.new[Dwelling]), plan.vanished) == (0, 0)
    assert not Dwelling.objects.filter(number__gt=0).exists()
    assert set(Dwelling.objects.values_list("door", flat=True)) == {str(n) for n in range(1, 13)}


def test_a_later_file_without_doors_makes_no_new_dwelling():
    rows = registers.whole(48)
    load(rows)
    doors = dict(Dwelling.objects.values_list("pk", "door"))
    for layout in ("2023", "2018"):
        bare = rows if layout == "2023" else registers.without(rows, *registers.DOORS)
        plan = load(bare, layout)
        assert (len(plan.new[Dwelling]), plan.vanished) == (0, 0), layout
        assert dict(Dwelling.objects.values_list("pk", "door")) == doors
        assert not Dwelling.objects.filter(number__gt=0).exists()


def test_the_landlords_identifiers_join_what_the_public_file_named():
    rows = registers.whole(48)
    load(rows)
    homes = set(Dwelling.objects.values_list("pk", flat=True))
    own = [row | {"IDENT_INT": f"L{n}"} for n, row in enumerate(rows)]
    plan = load(own, "landlord")
    assert (len(plan.new[Dwelling]), plan.vanished) == (0, 0)
    assert set(Dwelling.objects.values_list("pk", flat=True)) == homes
    keys = set(Dwelling.objects.values_list("natural_key", flat=True))
    assert keys == {f"L{n}" for n in range(48)}
    assert writes(load(registers.shuffled(own), "landlord")) == {}


@pytest.mark.parametrize("name", ["0", "PROGRAMME 12"])
def test_an_identifier_of_many_lines_hides_no_dwelling(name):
    rows = registers.numberless(registers.whole(24))
    plan = load([row | {"IDENT_INT": name} for row in rows], "landlord")
    assert (Dwelling.objects.count(), plan.repeated) == (24, 0)
    again = load(registers.shuffled([row | {"IDENT_INT": name} for row in rows]), "landlord")
    assert writes(again) == {}


def test_a_line_told_twice_under_one_identifier_is_one_dwelling():
    rows = [row | {"IDENT_INT": f"L{n}"} for n, row in enumerate(registers.whole(24))]
    plan = load([*rows, rows[3]], "landlord")
    assert (Dwelling.objects.count(), plan.repeated, plan.rejects) == (24, 1, [])


def test_what_somebody_identified_on_site_stays():
    rows = registers.numberless(registers.whole(12))
    load(rows)
    home = Dwelling.objects.order_by("number")[4]
    home.number, home.door, home.floor, home.identified_at = 0, "GAUCHE", 2, now()
    home.save()
    assert writes(load(registers.shuffled(rows))) == {}
    plan = load(registers.whole(12))
    assert len(plan.new[Dwelling]) <= 1
    home.refresh_from_db()
    assert (home.door, home.floor, home.number) == ("GAUCHE", 2, 0)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-16", "utf-16-le", "iso-8859-15", "windows-1252"]
)
def test_any_encoding(encoding):
    load(registers.whole(12), encoding=encoding)
    assert Staircase.objects.filter(street__contains="RUE DU LIN").exists()
    assert Unit.objects.filter(name="AGENCE DU LAC").exists()


def test_a_few_lines_in_another_encoding_spoil_none():
    rows = [row | {"TYPVOIE": "", "NOMVOIE": "RUE DE L'ÉTÉ"} for row in registers.whole(24)]
    lines = rpls_bytes(rows, encoding="utf-8").split(b"\r\n")
    lines[3] = lines[3].decode().encode("windows-1252")
    plan = rpls(open_table(b"\r\n".join(lines)))
    plan.save()
    streets = {s.split(" ", 1)[1] for s in Staircase.objects.values_list("street", flat=True)}
    assert streets == {"RUE DE L'ÉTÉ"}


@pytest.mark.parametrize("gone", ["NOMVOIE", "NBPIECE", "SURFHAB", "DEPCOM", "LIEUDIT", "ETAGE"])
def test_a_missing_column_is_lived_with(gone):
    rows = registers.whole(24)
    lines = [
        line.split(";") for line in rpls_bytes(rows).decode("iso-8859-1").split("\r\n") if line
    ]
    at = lines[0].index(gone)
    data = "\n".join(";".join(c for n, c in enumerate(line) if n != at) for line in lines)
    plan = rpls(open_table(data.encode("iso-8859-1")))
    plan.save()
    assert (plan.read, plan.rejects, Dwelling.objects.count()) == (24, [], 24)


def test_one_cell_for_the_whole_address():
    data = "Commune;Code postal;Adresse;Surface\n"
    data += "Valmer;01990;12 bis, rue du Lin 01990 Valmer;60\nValmer;01990;Le Bourg;40\n"
    plan = rpls(open_table(data.encode()))
    plan.save()
    streets = set(Staircase.objects.values_list("street", flat=True))
    assert streets == {"12 BIS rue du Lin", "Le Bourg"}


def test_random_registers_refuse_less_than_one_line_in_two_hundred():
    chance = random.Random(11)  # noqa: S311
    for seed in range(4):
        rows = registers.whole(240, seed=seed, communes=chance.randrange(1, 5))
        rows = chance.choice(list(KINDS.values()))(rows)
        rows = registers.mixed(rows, seed)
        plan = load(rows, save=False)
        assert len(plan.rejects) < 0.005 * len(rows)
        assert plan.seen[Dwelling] == len(rows)


def test_whatever_came_before_a_file_read_twice_changes_nothing():
    chance = random.Random(5)  # noqa: S311
    for seed in range(6):
        for _file in range(2):
            rows = registers.next_year(registers.whole(96, seed=seed), chance.randrange(9))
            rows = chance.choice(list(KINDS.values()))(rows)
            if chance.random() < 0.5:
                rows = registers.mixed(rows, chance.randrange(9))
            load(rows)
        assert writes(load(registers.shuffled(rows, seed))) == {}
        homes = Dwelling.objects.count()
        Dwelling.objects.all().delete()
        assert homes >= 97


def test_lines_without_commune_code_join_their_commune():
    rows = registers.whole(24, communes=1)
    rows[5] |= {"DEPCOM": ""}
    load(rows)
    assert Residence.objects.count() == 1
    assert Building.objects.count() == 1


# -- which unit holds what


def test_a_first_file_makes_its_units_and_says_so():
    plan = load(registers.whole(12), save=False)
    assert [(q["label"], q["sure"], q["dwellings"]) for q in plan.questions] == [
        ("AGENCE DU LAC", True, 12)
    ]


def test_a_misspelt_agency_is_a_question_not_an_agency(landlord):
    name = landlord["north"].name.replace("r", "rr")
    rows = [row | {"CODSEGPATRIM": "", "LIBSEGPATRIM": name} for row in registers.whole(12)]
    plan = load(rows, save=False)
    (question,) = plan.unconfirmed()
    assert question["proposal"] == "nord"
    assert not plan.new[Unit]
    plan = load(rows, answers={question["key"]: "nord"})
    assert set(Residence.objects.values_list("unit__code", flat=True)) == {"nord"}
    later = [row | {"LIEUDIT": "AUTRE"} for row in rows]
    assert load(later, save=False).questions == []  # asked once


def test_communes_go_to_the_unit_that_holds_them(landlord):
    blank = registers.without(registers.whole(48), "CODSEGPATRIM", "LIBSEGPATRIM")
    plan = load(blank, save=False)
    asked = plan.unconfirmed()
    assert len(plan.questions) == 2  # one for each commune, not one for each line
    assert plan.rejects == []
    answers = {asked[0]["key"]: "sud"} | {q["key"]: "nord" for q in plan.questions[1:]}
    load(blank, answers=answers)
    more = [row | {"LIEUDIT": "PLUS LOIN", "NUMVOIE": "77"} for row in blank]
    assert load(more, save=False).questions == []


def test_hundreds_of_segments_are_one_question():
    rows = registers.whole(240)
    rows = [row | {"CODSEGPATRIM": str(n), "LIBSEGPATRIM": f"P{n}"} for n, row in enumerate(rows)]
    plan = load(rows, save=False)
    assert [(q["key"], q["proposal"]) for q in plan.questions] == [("segments", "aside")]
    assert sum(u.kind == Unit.Kind.AGENCY for u in plan.new[Unit]) == 1
