"""What an administrator sets: each section by its form, the log of changes, and the way back."""

from datetime import time

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agencies.models import (
    Closure,
    Contractor,
    Landlord,
    MaintenanceContract,
    OpeningHours,
    Residence,
    Trade,
    Unit,
)
from portal.clock import now
from requests.catalogue.models import Category, CategoryVersion
from requests.console.sections import SECTIONS
from requests.jobs.models import Job
from requests.labels.models import Label
from requests.promises.models import PromiseTerm
from requests.routing.actions import route_claim
from tests import factories
from tests.factories import leak

pytestmark = pytest.mark.django_db


def fill(client, path: str, **changes) -> dict:
    """Return what the form of a page would send, with these changes."""
    form = client.get(path).context["form"]
    data: dict = {}
    for name, field in form.fields.items():
        value = form[name].value()
        if hasattr(field.widget, "decompress"):
            data |= {f"{name}_{n}": v or "" for n, v in enumerate(field.widget.decompress(value))}
        elif value not in (None, "", False, []):
            data[name] = value
    return data | changes


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.slug)
def test_every_section_opens_empty_or_not(client, admin, section):
    assert client.get(reverse(f"console:{section.slug}")).status_code == 200
    if section.may_add:
        assert client.get(reverse(f"console:{section.slug}_add")).status_code == 200


def test_a_unit_is_added_with_its_usual_desks_and_its_own_week(client, admin):
    data = {"name": "Agence Est", "kind": "agency", "day_0": "8 h 30 – 12 h, 14h-17h30"}
    answer = client.post("/console/units/new/", data)
    assert answer.status_code == 302
    unit = Unit.objects.get(name="Agence Est")
    assert (unit.code, unit.desks.count()) == ("agence-est", 3)
    assert list(unit.hours.values_list("weekday", "opens", "closes")) == [
        (0, time(8, 30), time(12)),
        (0, time(14), time(17, 30)),
    ]
    page = client.get(f"/console/units/{unit.pk}/").content.decode()
    assert "8:30" in page
    assert client.get("/console/units/").status_code == 200


def test_hours_that_nobody_can_read_are_said_at_their_day_and_kept(client, admin):
    answer = client.post("/console/units/new/", {"name": "X", "kind": "agency", "day_2": "matin"})
    assert answer.status_code == 422
    assert 'value="matin"' in answer.content.decode()
    assert "Write hours like" in answer.content.decode()


def test_a_desk_that_owns_requests_stays(client, admin, landlord):
    claim = leak(landlord, now())
    route_claim(claim_id=claim.pk, now=now())
    claim.refresh_from_db()
    unit = claim.owner.unit
    kinds = list(unit.desks.exclude(pk=claim.owner_id).values_list("kind", flat=True))
    data = fill(client, f"/console/units/{unit.pk}/", desks=kinds)
    answer = client.post(f"/console/units/{unit.pk}/", data)
    assert answer.status_code == 422
    assert "has had requests" in answer.content.decode()
    assert unit.desks.filter(pk=claim.owner_id).exists()


def test_the_usual_week_is_typed_in_seven_lines_and_promises_are_dated_again(client, admin):
    answer = client.post("/console/week/", {"day_0": "9:00-12:00, 13:00-17:00", "day_1": "closed"})
    assert answer.status_code == 302
    assert OpeningHours.objects.filter(unit=None).count() == 2
    assert Job.objects.filter(kind=Job.Kind.RENEW).exists()
    assert client.post("/console/week/", {}).status_code == 422


@pytest.fixture
def contract_form(landlord):
    trade = Trade.objects.create(code="lift", label_fr="Ascenseur", label_en="Lift")
    company = Contractor.objects.create(name="Otis", email="otis@example.test")
    company.trades.add(trade)
    return {
        "name": "Lifts 2026", "contractor": company.pk, "trade": trade.pk, "starts": "2026-01-01",
        "ends": "2027-12-31", "families": ["PLO"], "equipment_kinds": ["lift"], "hours": "always",
        "spend_limit": "500", "within_U0": "1", "within_U2": "8", "places": "les tilleuls",
        "price_lines": "D1; Travel; u; 45,50\nH1; Hour; h; 60",
    }  # fmt: skip


def test_a_contract_is_made_of_words_and_lists(client, admin, contract_form):
    assert client.post("/console/contracts/new/", contract_form).status_code == 302
    contract = MaintenanceContract.objects.get()
    assert (contract.code, contract.families, contract.equipment_kinds) == (
        "lifts-2026", ["PLO"], ["lift"],
    )  # fmt: skip
    assert dict(contract.commitments.values_list("urgency", "hours")) == {"U0": 1, "U2": 8}
    assert [(p.code, str(p.price)) for p in contract.prices.all()] == [
        ("D1", "45.50"), ("H1", "60.00"),
    ]  # fmt: skip
    assert [r.name for r in contract.residences.all()] == ["Les Tilleuls"]
    listed = client.get("/console/contracts/").content.decode()
    assert "Plumbing, Lift" in listed
    assert "PLO" not in listed


def test_a_contract_without_cover_or_with_an_unknown_place_says_so(client, admin, contract_form):
    wrong = contract_form | {"families": [], "equipment_kinds": [], "places": "Les Tileuls"}
    answer = client.post("/console/contracts/new/", wrong)
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "Tick at least one" in said
    assert "Did you mean: Les Tilleuls?" in said
    assert not MaintenanceContract.objects.exists()


def test_two_residences_of_one_name_need_the_reference(client, admin, contract_form, landlord):
    Residence.objects.create(code="r2", name="Les Tilleuls", unit=landlord["south"])
    answer = client.post("/console/contracts/new/", contract_form)
    assert "Several residences" in answer.content.decode()
    named = contract_form | {"places": "Les Tilleuls · r2"}
    assert client.post("/console/contracts/new/", named).status_code == 302
    assert MaintenanceContract.objects.get().residences.get().code == "r2"


def test_a_changed_phone_stands_in_the_log_and_is_undone(client, admin, landlord):
    north = landlord["north"]
    path = f"/console/units/{north.pk}/"
    client.post(path, fill(client, path, phone="01 02 03 04 05"))
    north.refresh_from_db()
    assert north.phone == "01 02 03 04 05"
    page = client.get("/console/log/").content.decode()
    assert "— → 01 02 03 04 05" in page
    entry = LogEntry.objects.latest("pk")
    client.post(f"/console/log/{entry.pk}/undo/")
    north.refresh_from_db()
    assert north.phone == ""
    # What was undone cannot be undone again from the same line.
    answer = client.post(f"/console/log/{entry.pk}/undo/", follow=True)
    assert "cannot be undone any more" in answer.content.decode()


def test_what_was_changed_again_since_is_not_undone(client, admin, landlord):
    path = f"/console/units/{landlord['north'].pk}/"
    client.post(path, fill(client, path, phone="1"))
    first = LogEntry.objects.latest("pk")
    client.post(path, fill(client, path, phone="2"))
    client.post(f"/console/log/{first.pk}/undo/")
    landlord["north"].refresh_from_db()
    assert landlord["north"].phone == "2"


def test_a_deleted_row_comes_back(client, admin, landlord):
    row = Closure.objects.create(label="Pont", first_day="2026-12-24", last_day="2026-12-26")
    assert client.get(f"/console/closures/{row.pk}/delete/").status_code == 200
    assert Closure.objects.exists()  # a GET deletes nothing
    client.post(f"/console/closures/{row.pk}/delete/")
    assert not Closure.objects.exists()
    client.post(f"/console/log/{LogEntry.objects.latest('pk').pk}/undo/")
    assert Closure.objects.get().label == "Pont"


def test_changes_of_the_emergency_settings_are_in_the_same_log(client, admin, landlord):
    admin.is_staff = True
    admin.save()
    trade = Trade.objects.create(code="t", label_fr="Vieux", label_en="Old")
    data = {"code": "t", "label_fr": "Neuf", "label_en": "Old"}
    client.post(f"/settings/agencies/trade/{trade.pk}/change/", data)
    assert "Vieux → Neuf" in client.get("/console/log/").content.decode()
    client.post(f"/console/log/{LogEntry.objects.latest('pk').pk}/undo/")
    trade.refresh_from_db()
    assert trade.label_fr == "Vieux"


def test_a_deadline_is_said_in_days_and_dates_promises_again(client, admin):
    data = {"kind": "first_visit", "urgency": "U3", "hours_0": "2", "hours_1": "days"}
    assert client.post("/console/deadlines/new/", data).status_code == 302
    term = PromiseTerm.objects.get()
    assert term.hours == 48
    for page in ("", "delete/"):
        assert client.get(f"/console/deadlines/{term.pk}/{page}").status_code == 200
    assert "2 days" in client.get("/console/deadlines/").content.decode()
    assert Job.objects.filter(kind=Job.Kind.RENEW).count() == 1
    again = client.post("/console/deadlines/new/", data)
    assert again.status_code == 422


def test_the_landlord_is_named_and_coloured(client, admin):
    data = {"name": "Habitat", "phone": "02 40 00 00 00", "colour": "#0A3A40",
            "accessibility": "none"}  # fmt: skip
    assert client.post("/console/landlord/", data).status_code == 302
    assert Landlord.objects.get().name == "Habitat"
    pale = client.post("/console/landlord/", data | {"colour": "#FFFFFF"})
    assert pale.status_code == 422
    assert "hard to read" in pale.content.decode()


def test_a_category_is_published_as_its_next_version(client, admin, landlord):
    fault = landlord["leak"]
    path = f"/console/catalogue/{fault.pk}/"
    data = fill(client, path, ack_hours_0="2", ack_hours_1="days", checked="Law 89-462, art. 20")
    assert client.post(path, data).status_code == 302
    fault.refresh_from_db()
    assert (fault.ack_hours, fault.version, fault.legal_source) == (
        48,
        2,
        "Law 89-462, art. 20 [v]",
    )
    assert CategoryVersion.objects.get().changes["ack_hours"] == ["24.00", "48"]
    assert fault.resolve_days == 5
    assert "[v]" not in client.get(path).content.decode()


def test_a_draft_changes_nothing_until_it_is_published(client, admin, landlord):
    fault = landlord["leak"]
    path = f"/console/catalogue/{fault.pk}/"
    data = fill(client, path, label_en="Water leak")
    assert client.post(f"{path}draft/", data).status_code == 302
    assert "Water leak" in client.get(f"{path}?draft=1").content.decode()
    assert "keeps a draft" in client.get(path).content.decode()
    fault.refresh_from_db()
    assert (fault.label_en, fault.version) == ("Leak", 1)
    assert client.get("/console/catalogue/rehearse/").status_code == 200
    client.post("/console/catalogue/publish/")
    fault.refresh_from_db()
    assert (fault.label_en, fault.version) == ("Water leak", 2)


def test_a_rehearsal_counts_past_words_and_shows_none(client, admin, landlord):
    leak(landlord, now(), words="Mon gribouillis déborde")
    fault = landlord["leak"]
    path = f"/console/catalogue/{fault.pk}/"
    data = fill(client, path, plain_language_fr="Le gribouillis déborde")
    answer = client.post(f"{path}draft/", data | {"rehearse": "1"}, follow=True)
    rehearsal = answer.context["rehearsal"]
    assert (rehearsal.total, rehearsal.moved) == (1, 1)
    assert [(r.category, r.before, r.after) for r in rehearsal.rows] == [(fault, 0, 1)]
    assert "Mon gribouillis" not in answer.content.decode()


def test_the_catalogue_goes_out_as_a_file_and_comes_back_as_drafts(client, admin, landlord):
    text = client.get("/console/catalogue/export.csv").content.decode("utf-8-sig")
    assert "PLO-03" in text
    same = SimpleUploadedFile("c.csv", text.encode())
    answer = client.post("/console/catalogue/file/", {"file": same})
    assert (answer.context["kept"], answer.context["rejects"]) == (0, [])
    edited = text.replace('"Fuite"', '"Fuite d’eau"', 1) + '"XXX-01";"a"\n'
    answer = client.post(
        "/console/catalogue/file/", {"file": SimpleUploadedFile("c.csv", edited.encode())}
    )
    assert answer.context["kept"] == 1
    assert answer.context["rejects"][0][1] == "No category has this code."
    client.post("/console/catalogue/publish/")
    assert Category.objects.filter(label_fr="Fuite d’eau").count() == 1


def test_a_label_says_nothing_that_is_never_written_down(client, admin):
    given = {"label_fr": "Locataire malade", "label_en": "Key", "sign": "star", "active": "on"}
    refused = client.post("/console/labels/new/", given)
    assert refused.status_code == 422
    assert "malade" in refused.content.decode()
    assert not Label.objects.exists()
    good = {"label_fr": "Clé à la loge", "label_en": "Key at the lodge", "sign": "flag"}
    assert client.post("/console/labels/new/", good | {"active": "on"}).status_code == 302
    label = Label.objects.get()
    assert (label.code, label.active) == ("key-at-the-lodge", True)
    assert LogEntry.objects.filter(object_id=str(label.pk)).exists()
    twice = client.post("/console/labels/new/", good)
    assert twice.status_code == 422


def test_a_contract_names_single_buildings_and_their_manager_reads_it(client, admin, landlord):
    building = landlord["dwelling"].staircase.building
    contract = MaintenanceContract.objects.create(
        code="asc",
        name="Ascenseurs",
        contractor=Contractor.objects.create(name="Montée", email="m@example.test"),
        trade=Trade.objects.create(code="lifts", label_fr="Ascenseurs", label_en="Lifts"),
        equipment_kinds=["lift"],
        starts="2026-01-01",
        ends="2027-01-01",
    )
    path = f"/console/contracts/{contract.pk}/"
    name = building.residence.name
    for wrong in (name, f"{name}, Z9", f"Nulle part, {building.code}"):
        answer = client.post(path, fill(client, path, building_lines=wrong))
        assert answer.status_code == 422
        assert wrong in answer.content.decode()
    line = f"{name}, {building.code}"
    assert client.post(path, fill(client, path, building_lines=line)).status_code == 302
    assert list(contract.buildings.all()) == [building]
    assert f", {building.code}" in client.get(path).content.decode()
    # A manager of that unit reads it; another unit's does not.
    client.force_login(factories.member(landlord["north"], "agency_manager").user)
    page = client.get("/console/our-contracts/").content.decode()
    assert "Ascenseurs" in page
    assert "Montée" in page
    client.force_login(factories.member(landlord["south"], "agency_manager").user)
    assert "Montée" not in client.get("/console/our-contracts/").content.decode()
    assert client.get("/console/contracts/").status_code == 403
