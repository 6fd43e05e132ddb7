"""From reported faults to the pages: what comes back, the limits, the list, an inspection."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from agencies.models import Equipment
from portal.clock import now
from requests.catalogue.models import Family
from requests.claims.models import Claim
from requests.planned_works.models import PlannedWorks
from requests.stock_insight import early_warning, places
from requests.stock_insight.models import WarningList
from tests import factories
from tests.factories import leak, member


@pytest.fixture(autouse=True)
def _in_english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def lift(landlord) -> Equipment:
    building = landlord["dwelling"].staircase.building
    factories.category(
        "ASC-01", "U1", "contractor_direct", asset="equipment", family=_family(), collective=True
    )
    made = Equipment.objects.create(building=building, kind="lift", label="Lift A", installed=1990)
    for days in (5, 40, 90, 200):
        at = now() - timedelta(days=days)
        stairs = landlord["dwelling"].staircase
        leak(landlord, at, key=f"l{days}", category="ASC-01", dwelling=None, staircase=stairs.pk)
    return made


def _family():
    return Family.objects.get_or_create(
        code="ASC", defaults={"label_fr": "Ascenseur", "label_en": "Lift", "tile": "lift"}
    )[0]


def get(client, name: str, **query) -> str:
    answer = client.get(reverse(f"insight:{name}"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_names_reason_works_and_inspection(client, landlord, lift):
    agent = member(landlord["north"], "agent")
    PlannedWorks.objects.create(
        kind="lift",
        title="New lift cables",
        text="x",
        residence=lift.building.residence,
        starts=now() + timedelta(days=9),
        ends=now() + timedelta(days=10),
        announced_at=now(),
        announced_by=agent.user,
    )
    made = early_warning.renew(now())
    assert not made.learned  # four faults are too few
    client.force_login(agent.user)
    page = get(client, "watch")
    assert "4 faults in a year" in page
    assert "New lift cables" in page
    assert "Too few faults" in page
    order = f"/inspections/new/?at=equipment%3A{lift.pk}&amp;why=4+faults+in+a+year"
    assert order in page
    assert "4 faults in a year" in client.get(order.replace("&amp;", "&")).content.decode()


def test_another_agency_sees_nothing_of_it(client, landlord, lift):
    early_warning.renew(now())
    client.force_login(member(landlord["south"], "agent").user)
    for name in ("watch", "repeats", "limits"):
        assert "Lift A" not in get(client, name, level="equipment")
        assert "Tilleuls" not in get(client, name)


@pytest.mark.parametrize(
    ("level", "named"), [("building", "A"), ("staircase", "1 rue du Lin"), ("equipment", "Lift A")]
)
def test_what_comes_back_is_found_at_each_level(client, landlord, lift, level, named):
    client.force_login(member(landlord["north"], "agency_manager").user)
    page = get(client, "repeats", level=level)
    assert named in page
    assert "Order an inspection" in page
    file = client.get(reverse("insight:repeats_csv"), {"level": level})
    assert '"4"' in file.content.decode("utf-8-sig") or ";4;" in file.content.decode("utf-8-sig")


def test_withdrawn_and_merged_requests_are_no_fault(landlord, lift):
    Claim.objects.system("test").filter(key="l5").update(state="withdrawn")
    head = member(landlord["head"], "head_office")
    [row] = places.repeats(head, "building", now=now())
    assert row.count == 3


def test_the_charts_have_their_numbers_behind(client, landlord, lift):
    client.force_login(member(landlord["head"], "head_office").user)
    page = get(client, "limits", family="ASC")
    assert page.count("<svg") >= 2
    assert "Les Tilleuls" in page
    assert "The same numbers as a table" in page


def test_a_list_is_made_once_a_week(landlord, lift):
    assert early_warning.sweep(now())
    assert not early_warning.sweep(now() + timedelta(days=6))
    assert early_warning.sweep(now() + timedelta(days=8))
    assert WarningList.objects.count() == 2


def test_the_backtest_prints_and_writes_nothing(landlord, lift, capsys):
    call_command("early_warning", "--backtest")
    assert "Too few faults" in capsys.readouterr().out
    assert not WarningList.objects.exists()


def test_the_list_is_judged_on_a_file_of_other_machines(db, capsys, tmp_path):
    """Machine 1 fails each fortnight of the last year; the others failed often the year before."""
    lines = ["bin;received;what"]
    first = date(2023, 1, 2)
    for week in range(104):
        day = first + timedelta(weeks=week)
        if week >= 52 and week % 2 == 0:
            lines += [f"lift-1;{day:%d/%m/%Y};lift", f"lift-1;{day:%d/%m/%Y};lift"]
        lines += [
            f"lift-{n};{day:%d/%m/%Y};lift"
            for n in range(2, 12)
            if 40 < week < 76 or (week + n) % 26 == 0
        ]
    path = tmp_path / "faults.csv"
    path.write_text("\n".join(lines))
    given = ["--file", str(path), "--equipment", "bin", "--day", "received", "--kind", "what"]
    call_command("early_warning", "--backtest", *given, "--listed", "1", "--held-out", "4")
    said = capsys.readouterr().out
    assert said.startswith("11 pieces of equipment")
    rate = {line[:21].strip(): line.split()[-1] for line in said.splitlines()[2:]}
    assert rate["early warning"] == "100.0%"
    assert float(rate["most faults last year"].rstrip("%")) < 100
    assert not WarningList.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("machine,day\nA,2024-01-01", "no column equipment"),
        ("equipment,day\nA,yesterday", "line 2: yesterday is no day"),
        ("equipment,day\n", "no line names a machine"),
    ],
)
def test_a_file_that_is_no_list_of_faults_says_why(db, tmp_path, text, said):
    path = tmp_path / "faults.csv"
    path.write_text(text)
    with pytest.raises(CommandError, match=said):
        call_command("early_warning", "--backtest", "--file", str(path))
    with pytest.raises(CommandError, match="--backtest"):
        call_command("early_warning", "--file", str(path))
