"""Nobody changes the trail, and the chain names whoever did it all the same."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from portal.actor import Actor
from portal.audit import anchors, erasure, sealer
from portal.audit.sources import sources
from portal.audit.verify import verify
from portal.audit_models import AuditBatch, AuditKey, AuditOpening, AuditSeal
from portal.clock import now
from portal.models import User
from requests.audit.models import ListView, RecordView
from requests.channels.models import Intake, IntakeView
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.transitions import TooLate, advance, undo
from requests.work_orders.models import AccessView, OrderEvent, WorkOrder
from tenants.actions import contact_points
from tests import databases
from tests.factories import leak, member, tenant, watched
from tests.moments import LATER


@pytest.fixture
def trail(landlord) -> dict:
    """A claim of a tenant, an order, looks and a change of the settings."""
    watched(landlord, member(landlord["south"], "contractor").contractor)
    claim = leak(landlord, now(), tenant=tenant(landlord["dwelling"]).pk)
    order = WorkOrder.objects.system("test").get()
    OrderEvent.objects.create(order=order, name="send", at=now(), role="agent", state="sent")
    agent = member(landlord["north"], "agent")
    AccessView.objects.create(order=order, at=now(), role="agent", actor=agent.user)
    intake = Intake.objects.create(channel="email", external_id="1", received_at=now())
    IntakeView.objects.create(intake=intake, at=now(), actor=agent.user)
    LogEntry.objects.log_actions(agent.user.pk, [agent], ADDITION, "Asked", single_object=True)
    return {"claim": claim, "agent": agent}


def as_owner_without_triggers(sql: str, *values) -> None:
    """Do what somebody does who can switch triggers off."""
    with databases.without_audit_triggers():
        databases.run_as_owner(sql, *values)


def found() -> list[str]:
    return [f"{finding.kind} {finding.where}" for finding in verify(now() + LATER)]


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(sql)
    except IntegrityError as error:
        return "append-only" in str(error)
    return False


@pytest.mark.weakness("trail rewritten")
def test_what_the_attack_did_is_refused(trail):
    """The steps of the security audit's M6."""
    assert refused("UPDATE requests_claimevent SET at = at - interval '1 day'")
    assert refused("DELETE FROM requests_claimevent")
    assert refused("UPDATE requests_accessview SET role = 'tenant'")
    assert refused("DELETE FROM requests_accessview")
    assert refused("DELETE FROM django_admin_log")


def test_every_table_of_the_trail_refuses(trail):
    sealer.run(now() + LATER)
    RecordView.objects.system("test").create(
        claim=trail["claim"], at=now(), hour=now(), role="agent", means="page"
    )
    ListView.objects.create(
        at=now(), hour=now(), role="agent", page="agency:inbox", shown=1, found=1
    )
    who = {"side": "staff", "by": None, "now": now()}
    contact_points.record(trail["claim"].tenant, "language", **who)
    with transaction.atomic():
        erasure.open_trail(tables=["nothing"], reason="Test", by=None, what={})
    tables = {source.table for source in sources().values()} - {
        "requests_figureview",
        "requests_emergencyopening",
    }
    for table in [*tables, "portal_auditbatch", "portal_auditseal", "portal_auditkey"]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone()[0], table
            column = "number" if table.endswith("batch") else "id"
        assert refused(f"UPDATE {table} SET {column} = {column}"), table
        assert refused(f"DELETE FROM {table}"), table
    for source in sources().values():
        assert refused(f"SELECT run_as_owner('TRUNCATE {source.table} CASCADE')"), source.table


def test_the_table_of_each_source_is_guarded(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgname LIKE 'audit_no_%%' AND t.tgenabled = 'O' GROUP BY 1"
        )
        guarded = dict(cursor.fetchall())
    own = {"portal_auditbatch", "portal_auditseal", "portal_auditkey"}
    assert guarded == dict.fromkeys({s.table for s in sources().values()} | own, 3)


def test_an_undo_marks_its_step_until_the_step_is_sealed(trail):
    acting, at = Actor.member(trail["agent"]), now()
    step = advance(claim=trail["claim"], transition=Event.TAKE_CHARGE, actor=acting, now=at)
    undo(event=step, actor=acting, now=at)
    assert refused(f"UPDATE requests_claimevent SET undone_at = NULL WHERE id = {step.pk}")
    trail["claim"].refresh_from_db()
    again = advance(claim=trail["claim"], transition=Event.TAKE_CHARGE, actor=acting, now=at)
    # Within the time for an undo the sealer lets a step be.
    sealer.run(at + timedelta(seconds=50))
    assert not AuditSeal.objects.filter(source="claim_event", row=again.pk).exists()
    sealer.run(at + timedelta(seconds=70))
    assert refused(f"UPDATE requests_claimevent SET undone_at = now() WHERE id = {again.pk}")
    assert found() == []
    with pytest.raises(TooLate):
        undo(event=again, actor=acting, now=at + timedelta(seconds=70))


def test_a_whole_trail_has_no_findings(trail):
    total = sum(sealer.waiting(now() + LATER).values())
    assert sealer.run(now() + LATER) == total
    assert {"claim_event", "order_event", "access_view", "intake_view", "setting"} == set(
        AuditSeal.objects.values_list("source", flat=True)
    )
    assert sealer.run(now() + LATER) == 0
    leak_event = ClaimEvent.unscoped.first()
    ClaimEvent.objects.create(claim=leak_event.claim, name="called", at=now(), state="new")
    assert sealer.run(now() + LATER) == 1
    assert AuditBatch.objects.count() == 2
    assert found() == []


@pytest.mark.weakness("trail rewritten")
def test_one_changed_row_is_named(trail):
    sealer.run(now() + LATER)
    event = ClaimEvent.unscoped.first()
    as_owner_without_triggers(
        "UPDATE requests_claimevent SET state = 'closed' WHERE id = %s", event.pk
    )
    assert found() == [f"changed requests_claimevent {event.pk}"]


def test_one_changed_word_about_a_person_is_named(trail):
    sealer.run(now() + LATER)
    event = ClaimEvent.unscoped.first()
    as_owner_without_triggers(
        """UPDATE requests_claimevent SET facts = '{"text": "x"}' WHERE id = %s""", event.pk
    )
    assert found() == [f"changed requests_claimevent {event.pk}"]


def test_one_deleted_row_is_named(trail):
    sealer.run(now() + LATER)
    view = AccessView.unscoped.get()
    as_owner_without_triggers("DELETE FROM requests_accessview WHERE id = %s", view.pk)
    assert found() == [f"deleted requests_accessview {view.pk}"]


def test_a_truncated_table_is_named(trail):
    sealer.run(now() + LATER)
    rows = OrderEvent.unscoped.values_list("pk", flat=True)
    wanted = [f"deleted requests_orderevent {key}" for key in sorted(rows)]
    as_owner_without_triggers("TRUNCATE requests_orderevent")
    assert found() == wanted


def test_a_seal_taken_away_with_its_row_is_named(trail):
    sealer.run(now() + LATER)
    event = ClaimEvent.unscoped.first()
    as_owner_without_triggers(
        "DELETE FROM portal_auditseal WHERE source = 'claim_event' AND row = %s", event.pk
    )
    assert found() == ["deleted batch 1", f"unsealed requests_claimevent {event.pk}"]


def test_a_forged_seal_is_named(trail):
    sealer.run(now() + LATER)
    as_owner_without_triggers("UPDATE portal_auditseal SET digest = %s", "0" * 64)
    assert "changed batch 1" in found()


def test_a_batch_in_the_middle_and_a_batch_at_the_end(trail, tmp_path, capsys):
    for number in range(3):
        ClaimEvent.objects.create(claim=trail["claim"], name="called", at=now(), state="new")
        sealer.run(now() + LATER + timedelta(minutes=number))
    kept = tmp_path / "anchors.txt"
    call_command("audit", "anchor", file=str(kept))
    call_command("audit", "verify", anchors=str(kept))
    assert "1 anchors fit" in capsys.readouterr().out
    last = AuditSeal.objects.get(batch=3)
    # Whoever owns the database takes the newest row away with everything that knows of it.
    as_owner_without_triggers("DELETE FROM portal_auditseal WHERE batch_id = 3")
    as_owner_without_triggers("DELETE FROM portal_auditbatch WHERE number = 3")
    as_owner_without_triggers("DELETE FROM requests_claimevent WHERE id = %s", last.row)
    assert found() == []  # nothing inside the database knows any more
    with pytest.raises(CommandError, match="1 findings"):
        call_command("audit", "verify", anchors=str(kept))
    assert "truncated: The chain ends at batch 2" in capsys.readouterr().out
    as_owner_without_triggers("DELETE FROM portal_auditseal WHERE batch_id = 1")
    as_owner_without_triggers("DELETE FROM portal_auditbatch WHERE number = 1")
    assert found()[0] == "deleted batch 1"


def test_a_chain_made_anew_does_not_fit_its_anchor(trail):
    sealer.run(now() + LATER)
    line = anchors.line(now())
    as_owner_without_triggers("UPDATE requests_claimevent SET state = 'closed'")
    as_owner_without_triggers("DELETE FROM portal_auditseal")
    as_owner_without_triggers("DELETE FROM portal_auditbatch")
    sealer.run(now() + LATER)
    assert found() == []
    (kept,) = anchors.read([f"> {line}", "another line"])
    assert [f.kind for f in verify(now(), [kept])] == ["changed"]
    forged = line.replace(line.split("head=")[1][:64], anchors.current()[1])
    (kept,) = anchors.read([forged])
    assert "not signed" in next(iter(verify(now(), [kept]))).text


def test_an_empty_trail_is_whole_and_has_no_anchor(db, capsys):
    with pytest.raises(CommandError, match="Nothing is sealed"):
        call_command("audit", "anchor")
    call_command("audit", "verify")
    assert "whole up to batch 0" in capsys.readouterr().out


def test_a_head_is_mailed(trail, mailoutbox):
    sealer.run(now() + LATER)
    mailoutbox.clear()
    call_command("audit", "anchor", mail="notary@example.test")
    assert anchors.read(mailoutbox[0].body.splitlines())[0].is_signed


def test_a_row_of_a_long_transaction_is_sealed_on_request(trail, capsys):
    sealer.run(now() + LATER)
    last = ClaimEvent.unscoped.last()
    late = ClaimEvent(pk=0, claim=last.claim, name="called", at=now(), state="new")
    late.save(force_insert=True)
    ClaimEvent.objects.create(claim=last.claim, name="called", at=now(), state="new")
    sealer.run(now() + 2 * LATER)
    assert found() == ["unsealed requests_claimevent 0"]
    assert sealer.seal(now() + 2 * LATER, everything=True) == 1
    assert found() == []


def test_the_erasure_of_a_person_keeps_the_chain(trail):
    sealer.run(now() + LATER)
    claim = trail["claim"]
    keys = [event.pk for event in ClaimEvent.unscoped.filter(claim=claim)]
    officer = User.objects.create_user("dpo@example.test")
    assert refused("UPDATE requests_claimevent SET facts = '{}'")
    erasure.redact_rows(
        "claim_event", keys, {"facts": {}, "before": {}}, reason="Art. 17", by=officer
    )
    assert erasure.erase_keys([f"tenant:{claim.tenant_id}"], reason="Art. 17", by=officer) == 1
    assert not AuditKey.objects.filter(person=f"tenant:{claim.tenant_id}").exists()
    assert found() == []
    lines = AuditOpening.objects.order_by("pk")
    assert [line.reason for line in lines] == ["Art. 17", "Art. 17"]
    assert {line.by for line in lines} == {officer.pk}
    sealer.run(now() + LATER)
    assert AuditSeal.objects.filter(source="opening").count() == 2
    # What is not personal stays proven.
    as_owner_without_triggers("UPDATE requests_claimevent SET name = 'x' WHERE id = %s", keys[0])
    assert found() == [f"changed requests_claimevent {keys[0]}"]


def test_a_key_that_nobody_erased_is_missed(trail):
    sealer.run(now() + LATER)
    claim = trail["claim"]
    as_owner_without_triggers(
        "DELETE FROM portal_auditkey WHERE person = %s", f"tenant:{claim.tenant_id}"
    )
    rows = ClaimEvent.unscoped.filter(claim=claim).values_list("pk", flat=True)
    assert found() == [f"changed requests_claimevent {key}" for key in rows]


def test_retention_deletes_what_it_names_and_nothing_else(trail):
    sealer.run(now() + LATER)
    view = AccessView.unscoped.get()
    assert erasure.delete_rows("access_view", [view.pk], reason="Twelve months", by=None) == 1
    assert found() == []
    assert AuditOpening.objects.get().what == {"deleted": {"access_view": [[view.pk, view.pk]]}}
    assert refused("DELETE FROM requests_claimevent")


def test_only_personal_columns_are_redacted(trail):
    with pytest.raises(ValueError, match="state"):
        erasure.redact_rows("claim_event", [1], {"state": "x"}, reason="Test", by=None)
    with pytest.raises(ValueError, match="reason"):
        erasure.delete_rows("access_view", [AccessView.unscoped.get().pk], reason=" ", by=None)
    assert not AuditOpening.objects.exists()


def test_an_account_goes_with_its_traces(trail):
    sealer.run(now() + LATER)
    user = User.objects.create_user("gone@example.test")
    view = AccessView.unscoped.get()
    AccessView.objects.create(order=view.order, at=now(), role="agent", actor=user)
    sealer.run(now() + LATER)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        user.delete()
    with erasure.account_deletion(user, reason="Art. 17", by=None):
        user.delete()
    assert AccessView.unscoped.filter(actor=None).count() == 1
    assert found() == []


@pytest.mark.django_db(transaction=True)
def test_an_opening_ends_with_its_transaction():
    User.objects.create_user("a@example.test")
    LogEntry.objects.log_actions(
        User.objects.get().pk, [User.objects.get()], ADDITION, "x", single_object=True
    )
    with pytest.raises(RuntimeError):
        erasure.open_trail(tables=["django_admin_log"], reason="Test", by=None, what={})
    with transaction.atomic():
        opening = erasure.open_trail(tables=["django_admin_log"], reason="Test", by=None, what={})
    assert refused("DELETE FROM django_admin_log")
    opening.refresh_from_db()
    assert opening.database_user
    # A number that comes again in a restored cluster opens nothing.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        number = cursor.fetchone()[0]
        as_owner_without_triggers("UPDATE portal_auditopening SET xid = %s", number)
        with pytest.raises(IntegrityError, match="append-only"):
            cursor.execute("DELETE FROM django_admin_log")
        cursor.execute("ROLLBACK")
    LogEntry.objects.get()


def test_intervals():
    assert erasure.intervals([5, 3, 4, 9, 3]) == [[3, 5], [9, 9]]
    assert erasure.intervals([]) == []
