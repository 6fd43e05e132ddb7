"""Test that merging two records and undoing it is exact, ordered, exclusive and private."""

import threading
from datetime import timedelta
from itertools import count

import pytest
from django.core import serializers
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import localdate

from portal.actor import Actor
from portal.clock import now
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.conversation import actions as conversation
from requests.filing.actions import Filing, file_claim
from requests.identity import actions as identity
from tenants.models import ContactPoint, IdentityMerge, Lease, Mandate, Need, Occupancy, Tenant
from tests import factories

MOBILE, LANDLINE, MAIL = "+33612345678", "+33240123456", "awa@example.test"
NUMBERS = count()


def filed(tenant, by=None, category="PLO-03", **fields) -> Claim:
    filing = Filing(
        channel="web",
        key=f"k{next(NUMBERS)}",
        category=category,
        words="Ça fuit",
        tenant=str(tenant.pk),
        **fields,
    )
    return file_claim(filing, now=now(), actor=Actor.tenant(by))


def everything() -> dict[str, str]:
    """Return every row that a merge may touch, complete."""
    managers = [
        Tenant.objects.system("test"),
        ContactPoint.unscoped,
        Lease.unscoped,
        Occupancy.unscoped,
        Need.unscoped,
        Mandate.objects.system("test"),
        Claim.objects.system("test"),
        Message.unscoped,
    ]
    return {
        f"{row._meta.label} {row.pk}": serializers.serialize("json", [row])
        for rows in managers
        for row in rows.order_by("pk")
    }


def merge(kept, absorbed, **more) -> IdentityMerge:
    kept.refresh_from_db()
    absorbed.refresh_from_db()
    seen = identity.digest(identity.preview(kept, absorbed))
    given = {"seen": seen, "reason": "same person", "actor": Actor.SYSTEM, "now": now(), **more}
    return identity.merge(kept=kept, absorbed=absorbed, **given)


def undo(made) -> IdentityMerge:
    return identity.undo(merge=made, actor=Actor.SYSTEM, now=now())


@pytest.fixture
def pair(landlord):
    """Return two records with shared and own contacts, leases and needs."""
    home = landlord["dwelling"]
    kept = factories.tenant(home)
    absorbed = factories.tenant(
        factories.dwelling(home.staircase, "13"),
        email="awa2@example.test",
        first_name="Awa",
        last_name="TRAORE",
        civility="Mme",
        external_ref="L7",
    )
    lease = kept.occupancies.get().lease
    kept.occupancies.update(starts="2022-01-01", ends="2023-01-01", capacity="occupant")
    Occupancy.unscoped.create(
        lease=lease, tenant=absorbed, capacity="holder", starts="2021-01-01", ends="2022-06-01"
    )
    factories.contact(kept, MOBILE, preferred=True)
    factories.contact(absorbed, MOBILE, verified=True)
    factories.contact(absorbed, MAIL, preferred=True)
    factories.contact(absorbed, LANDLINE)
    for person, expires in ((kept, "2030-01-01"), (absorbed, "2031-01-01")):
        Need.unscoped.create(tenant=person, code="stairs", expires=expires)
    Need.unscoped.create(tenant=absorbed, code="infant", expires="2030-01-01")
    proxy = factories.account("ines@example.test")
    factories.mandate(kept, proxy, scope="all")
    factories.mandate(absorbed, proxy, scope="all")
    for person in (kept, absorbed):
        conversation.from_tenant(
            claim=filed(person), text="Toujours pas", actor=Actor.TENANT, now=now()
        )
    return kept, absorbed


def test_merging_moves_all_and_undoing_restores_every_row(pair):
    kept, absorbed = pair
    before = everything()
    made = merge(kept, absorbed)
    kept.refresh_from_db()
    absorbed.refresh_from_db()
    assert everything() != before
    assert absorbed.merged_into == kept == absorbed.current
    assert (kept.user.email, kept.external_ref, kept.civility) == ("awa2@example.test", "L7", "Mme")
    points = {p.value: (p.verified, p.preferred) for p in kept.contact_points.all()}
    assert points == {MOBILE: (True, True), MAIL: (False, False), LANDLINE: (False, False)}
    stays = {(str(o.starts), str(o.ends), o.capacity) for o in kept.occupancies.all()}
    assert stays == {("2021-01-01", "2023-01-01", "holder"), ("2020-01-01", "None", "holder")}
    needs = {(n.code, str(n.expires)) for n in kept.needs.all()}
    assert needs == {("stairs", "2031-01-01"), ("infant", "2030-01-01")}
    assert {m.scope for m in kept.mandates.all()} == {"ordinary"}
    assert kept.claims.count() == 2
    undo(made)
    assert everything() == before


def test_each_claim_moved_says_so(pair):
    kept, absorbed = pair
    claim = absorbed.claims.get()
    made = merge(kept, absorbed)
    undo(made)
    names = claim.events.filter(name__startswith="identity").values_list("name", "facts__merge")
    assert list(names) == [
        (Event.IDENTITY_MERGED, str(made.key)),
        (Event.IDENTITY_UNMERGED, str(made.key)),
    ]
    assert not kept.claims.get().events.filter(name__startswith="identity").exists()


def test_what_came_since_stays_with_whom_it_was_filed_by(pair):
    kept, absorbed = pair
    account, old = absorbed.user, absorbed.claims.get()
    before = everything()
    made = merge(kept, absorbed)
    kept.refresh_from_db()
    of_kept = filed(kept)
    by_account = filed(kept, by=account)
    by_old_form = filed(absorbed)
    version = old.version
    message = conversation.from_tenant(claim=old, text="Depuis", actor=Actor.TENANT, now=now())
    point = factories.contact(kept, "+33611111111")
    assert by_old_form.tenant == kept
    undo(made)
    owner = {c.pk: c.tenant_id for c in Claim.objects.system("test")}
    assert owner[of_kept.pk] == kept.pk
    assert owner[by_account.pk] == owner[by_old_form.pk] == owner[old.pk] == absorbed.pk
    message.refresh_from_db()
    point.refresh_from_db()
    assert (message.claim, point.tenant) == (old, kept)
    # The message is a separate change of the claim, so its version grows.
    Claim.objects.system("test").filter(pk=old.pk).update(version=version)
    after = everything()
    assert {key: after[key] for key in before} == before


def test_a_server_whose_clock_is_behind_undoes_a_merge(pair):
    made = merge(*pair)
    ahead = now() + timedelta(seconds=2)
    IdentityMerge.objects.system("test").filter(pk=made.pk).update(at=ahead)
    assert undo(made).undone_at == ahead


def test_a_later_choice_survives_the_undo(pair):
    kept, absorbed = pair
    made = merge(kept, absorbed)
    ContactPoint.unscoped.filter(value=LANDLINE).update(failing=True)
    Need.unscoped.filter(tenant=kept, code="stairs").update(expires="2035-01-01")
    ContactPoint.unscoped.filter(tenant=kept, value=MOBILE).update(preferred=False)
    ContactPoint.unscoped.filter(tenant=kept, value=LANDLINE).update(preferred=True)
    undo(made)
    assert str(kept.needs.get().expires) == "2035-01-01"
    assert absorbed.contact_points.get(value=LANDLINE).failing
    assert absorbed.contact_points.get(preferred=True).value == MAIL


def test_a_chain_is_undone_in_reverse_order_only(pair, landlord):
    kept, absorbed = pair
    third = factories.tenant(factories.dwelling(landlord["dwelling"].staircase, "14"))
    fourth = factories.tenant(factories.dwelling(landlord["dwelling"].staircase, "15"))
    before = everything()
    first = merge(kept, absorbed)
    second = merge(third, kept)
    between = everything()
    late = filed(absorbed)
    assert late.tenant == third
    third_merge = merge(third, fourth)
    for early in (first, second):
        with pytest.raises(identity.Conflict):
            undo(early)
    undo(third_merge)
    with pytest.raises(identity.Conflict):
        undo(first)
    undo(second)
    undo(first)
    late.refresh_from_db()
    assert late.tenant == absorbed
    after = everything()
    assert {key: after[key] for key in before} == before
    assert between != before
    with pytest.raises(identity.Conflict):
        undo(first)


def test_merging_again_after_an_undo(pair):
    kept, absorbed = pair
    undo(merge(kept, absorbed))
    merge(absorbed, kept)
    kept.refresh_from_db()
    assert kept.current == absorbed


def test_nothing_is_merged_that_was_not_read(pair):
    kept, absorbed = pair
    seen = identity.digest(identity.preview(kept, absorbed))
    filed(absorbed)
    before = everything()
    with pytest.raises(identity.Conflict):
        merge(kept, absorbed, seen=seen)
    assert everything() == before
    seen = identity.digest(identity.preview(kept, absorbed))
    with pytest.raises(identity.Conflict):
        merge(absorbed, kept, seen=seen)


def test_refusals(pair, landlord):
    kept, absorbed = pair
    with pytest.raises(identity.Refused, match="same"):
        merge(kept, kept)
    kept.user = factories.account("autre@example.test")
    kept.save()
    with pytest.raises(identity.Refused, match="both_accounts"):
        merge(kept, absorbed)
    assert not IdentityMerge.objects.system("test").exists()


def test_no_account_gains_a_confidential_claim(pair, landlord):
    kept, absorbed = pair
    landlord["secret"] = factories.category("VOI-09", "A2", "agency_clientele", sensitive=True)
    own = filed(kept, category="VOI-09")
    with pytest.raises(identity.Refused, match="confidential"):
        merge(kept, absorbed)
    # Merged the other way, it stays where it was filed.
    made = merge(absorbed, kept)
    own.refresh_from_db()
    assert own.tenant == kept
    assert own not in Claim.objects.of_user(absorbed.user, localdate())
    undo(made)
    Claim.objects.system("test").filter(pk=own.pk).update(tenant=absorbed)
    merge(kept, absorbed)  # filed by the account's owner, so it moves with the account
    own.refresh_from_db()
    assert own.tenant == kept


def test_two_stays_apart_under_one_lease_are_not_bridged(pair):
    kept, absorbed = pair
    lease = kept.occupancies.get().lease
    absorbed.occupancies.filter(lease=lease).update(starts="2020-01-01", ends="2020-06-01")
    merge(kept, absorbed)
    assert str(kept.occupancies.get(lease=lease).starts) == "2022-01-01"


def test_the_merged_record_is_hidden_from_staff(pair, landlord):
    kept, absorbed = pair
    merge(kept, absorbed)
    for role in ("agent", "head_office"):
        seen = Tenant.objects.visible_to(factories.member(landlord["north"], role))
        assert kept in seen
        assert absorbed not in seen


def test_the_database_refuses_a_second_merge_of_one_record(pair, landlord):
    kept, absorbed = pair
    made = merge(kept, absorbed)
    made.pk, made.key = None, "00000000-0000-4000-8000-000000000000"
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save(force_insert=True)


@pytest.mark.parametrize("value", ["0612345678", "33612345678", "+0612345678", "abc"])
def test_a_phone_is_e164_or_failing(landlord, value):
    person = factories.tenant(landlord["dwelling"])
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.contact(person, value)
    assert factories.contact(person, value, failing=True).pk


def test_an_e_mail_is_lower_case(landlord):
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.contact(factories.tenant(landlord["dwelling"]), "Awa@example.test")


@pytest.mark.django_db(transaction=True)
def test_of_two_merges_at_once_one_wins():
    home = factories.landlord()["dwelling"]
    kept, absorbed = factories.tenant(home), factories.tenant(home)
    claim = filed(absorbed)
    seen = identity.digest(identity.preview(kept, absorbed))
    back = identity.digest(identity.preview(absorbed, kept))
    barrier, answers = threading.Barrier(2), []

    def attempt(one, other, seen):
        barrier.wait(60)
        try:
            identity.merge(
                kept=one, absorbed=other, seen=seen, reason="x", actor=Actor.SYSTEM, now=now()
            )
            answers.append("done")
        except identity.Conflict:
            answers.append("conflict")
        finally:
            connection.close()

    # Opposite directions: without one lock order they would deadlock.
    threads = [
        threading.Thread(target=attempt, args=args)
        for args in ((kept, absorbed, seen), (absorbed, kept, back))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(answers) == ["conflict", "done"]
    assert IdentityMerge.objects.system("test").count() == 1
    made = IdentityMerge.objects.system("test").get()
    claim.refresh_from_db()
    assert claim.tenant_id == made.kept_id
    assert ClaimEvent.unscoped.filter(name=Event.IDENTITY_MERGED).count() <= 1
    assert made.at - timedelta(minutes=1) < now()
