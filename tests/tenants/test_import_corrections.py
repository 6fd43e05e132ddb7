"""The next file of the rent system proposes; it never overwrites what a person corrected."""

import io

import pytest
from django.core.management import call_command

from portal.clock import now
from tenants.actions import contact_points, household_changes, person_changes, senders
from tenants.models import ContactPoint, Need, PersonChange, Tenant
from tests.factories import member

pytestmark = pytest.mark.django_db
HEADER = "Bail;Logement;Locataire;Prénom;Nom;Langue;Courriel;Mobile;Début;Qualité;Besoins\n"
ZOE = "B1;k1;T1;Zoé;Martin;fr;zoe@example.org;{phone};01/02/2020;titulaire;{needs}\n"
FIRST, OWN, NEXT = "+33639980001", "+33639980002", "+33639980003"


@pytest.fixture
def load(tmp_path, landlord):
    def load(phone: str, needs: str = "") -> str:
        file, out = tmp_path / "tenants.csv", io.StringIO()
        file.write_text(HEADER + ZOE.format(phone=phone, needs=needs))
        call_command("import_tenants", str(file), "--apply", stdout=out)
        return out.getvalue()

    return load


def zoe() -> Tenant:
    return Tenant.objects.system("test").get(external_ref="T1")


def alive() -> set[str]:
    return set(zoe().contact_points.filter(failing=False).values_list("value", flat=True))


def corrected(load) -> None:
    """The person gives the number of the file up, and adds her own."""
    load(FIRST)
    who = {"side": "person", "by": None, "now": now()}
    contact_points.remove(ContactPoint.unscoped.get(value=FIRST), **who)
    contact_points.add(tenant=zoe(), typed=OWN, **who)


def test_a_number_given_up_does_not_come_back(load):
    corrected(load)
    load(FIRST)
    assert alive() == {"zoe@example.org", OWN}
    assert not PersonChange.unscoped.waiting().exists()


@pytest.mark.parametrize("accept", [True, False])
def test_another_number_of_the_file_waits_once_for_a_person(load, landlord, accept):
    corrected(load)
    assert "ont corrigé ce que dit le fichier" in load(NEXT)
    load(NEXT)
    sonia = member(landlord["north"], "agent")
    (change,) = person_changes.waiting(sonia)
    assert (change.what, change.side) == ("point_proposed", "import")
    point = ContactPoint.unscoped.get(value=NEXT)
    assert (point.proposed, point.preferred) == (True, False)
    # Whoever writes from there is only probably her.
    assert senders.find(NEXT, now()).grade == "probably"
    person_changes.decide(change=change, accept=accept, by=sonia.user, now=now())
    point.refresh_from_db()
    assert (point.proposed, point.failing) == (False, not accept)
    load(NEXT)
    assert (NEXT in alive()) is accept
    with pytest.raises(person_changes.AlreadyDecided):
        person_changes.decide(change=change, accept=accept, by=sonia.user, now=now())


def test_without_a_correction_a_new_number_is_simply_added(load):
    load(FIRST)
    load(NEXT)
    assert {FIRST, NEXT} <= alive()
    assert not ContactPoint.unscoped.filter(proposed=True).exists()


def test_language_and_needs_stay_as_the_person_said(load):
    load(FIRST, "escaliers")
    who = {"side": "person", "by": None, "now": now()}
    household_changes.set_language(tenant=zoe(), language="en", **who)
    household_changes.end_need(need=Need.unscoped.get(), **who)
    said = load(FIRST, "escaliers")
    assert zoe().language == "en"
    assert not Need.unscoped.exists()
    assert "leur correction est gardée" in said


def test_what_the_person_does_with_a_proposed_number_decides_it(load, landlord):
    corrected(load)
    load(NEXT)
    who = {"side": "person", "by": None, "now": now()}
    contact_points.add(tenant=zoe(), typed=NEXT, **who)
    change = PersonChange.unscoped.get(what="point_proposed")
    assert (change.outcome, change.decision.side) == ("done", "person")
    assert not ContactPoint.unscoped.get(value=NEXT).proposed
    assert not person_changes.waiting(member(landlord["north"], "agent")).exists()


def test_somebody_whose_home_has_ended_meanwhile_moves_nobody_in(load, landlord):
    load(FIRST)
    zoe_ = zoe()
    since = now().date()
    change = household_changes.declare_occupant(
        tenant=zoe_, first_name="Ben", last_name="Martin", since=since, by=None, now=now()
    )
    stay = zoe_.occupancies.get()
    stay.lease.ends = since
    stay.lease.save()
    assert not person_changes.decide(change=change, accept=True, by=None, now=now())
    change.refresh_from_db()
    assert change.outcome == "refused"
    assert stay.lease.occupancies.count() == 1
