"""Every event has its place in every table, or is left out of it on purpose."""

import ast
from pathlib import Path

import pytest

import requests as room
from portal.actor import Actor
from portal.clock import now
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.transitions import record
from requests.closing.dossier_pdf import PROOF_WORDS
from requests.conversation.timeline import SENTENCES
from requests.equipment import log
from requests.notifications import events as notifications
from requests.notifications import texts
from requests.promises import rules as promises
from requests.work_orders import workflow as orders
from requests.work_orders.workflow import OrderStep
from tests.factories import leak

SOURCES = [p for p in Path(room.__file__).parent.rglob("*.py") if "migrations" not in p.parts]
E_ = Event

# What the landlord does among its own people and records.
INTERNAL = {
    *(E_.RECLASSIFY, E_.RELOCATE, E_.IDENTIFY, E_.ME_TOO, E_.ESCALATED, E_.KEPT_DONE),
    *(E_.NOT_AUTHOR, E_.LENT, E_.LENT_BACK, E_.IDENTITY_MERGED, E_.IDENTITY_UNMERGED),
    *(E_.ASSIGNED, E_.SNOOZED, E_.LABELLED),
    # Who reads and by which link: on the author's own page, never in what the home shares.
    *(E_.LINK_RENEWED, E_.LINK_CLOSED, E_.MADE_CONFIDENTIAL, E_.SHARED_AGAIN),
}
# What the tenant, or somebody for them, did: they know it.
BY_TENANT = {
    *(E_.FILED, E_.MESSAGE_IN, E_.TENANT_ANSWERED, E_.SAY_FIXED, E_.SAY_NOT_FIXED),
    *(E_.WITHDRAW, E_.PROXY_USED, E_.CALL_WANTED, E_.FEEDBACK, E_.COMPLAINED),
}
TABLES = {
    "who is told": (
        set(notifications.TABLE),
        INTERNAL
        | BY_TENANT
        # Said on the page, by a call, or by the message that goes with the step.
        | {E_.START, E_.ON_THE_WAY, E_.CALLED, E_.CLOSING_ATTEMPT}
        | {E_.VERIFIED, E_.NOT_VERIFIED},
    ),
    "the tenant's page": (
        {E_.FILED, *SENTENCES},  # a filing has one sentence for each channel
        INTERNAL
        # The message, the reminder or the complaint itself stands on the page.
        | {E_.INFORM, E_.CLOSING_ATTEMPT, E_.COMPLAINED},
    ),
    "a proof": (
        set(PROOF_WORDS),
        INTERNAL
        # Not yet told by a proof; complaints have a proof of their own.
        | {E_.CALLED, E_.PHOTO_ASKED, E_.UNREADABLE, E_.TOO_BIG, E_.PROXY_USED}
        | {E_.MERGE, E_.SEND_BACK, E_.VERIFIED, E_.NOT_VERIFIED}
        | {E_.FORMAL_NOTICE, E_.COMPLAINED, E_.SECOND_STAGE},
    ),
    "promises": (
        set().union(*promises.KEPT_BY.values()),
        INTERNAL
        | BY_TENANT
        # A date, an attempt or a receipt is no news of the matter.
        | {E_.ROUTED, E_.JOINED_INCIDENT, E_.CALLED, E_.PHOTO_ASKED, E_.UNREADABLE, E_.TOO_BIG}
        | {
            E_.ON_THE_WAY,
            E_.RESCHEDULED,
            E_.VISIT_OFFERED,
            E_.VISIT_REMINDER,
            E_.VISIT_LATE,
            E_.INFORM,
            E_.LATE,
        }
        | {E_.HAND_OVER, E_.SEND_BACK, E_.MERGE, E_.CLOSE_UNANSWERED, E_.FORMAL_NOTICE}
        | {E_.VERIFIED, E_.NOT_VERIFIED, E_.CLOSING_REMINDER, E_.CLOSING_ATTEMPT}
        | {E_.FEEDBACK_ASKED, E_.SECOND_STAGE},
    ),
}


@pytest.mark.parametrize("concern", TABLES)
def test_every_event_is_in_the_table_or_left_out_on_purpose(concern):
    table, silent = TABLES[concern]
    assert sorted(set(Event) - table - silent) == [], f"say what {concern} does with these"
    assert sorted(table & silent) == [], "left out, and in the table"
    assert sorted(table - set(Event)) == []


def test_every_step_is_an_event():
    assert set(workflow.TRANSITIONS) <= set(Event)
    assert set(orders.FOLLOWS.values()) <= set(Event)
    assert set(log.TOLD) <= set(Event)
    offered = {name for name, _label in texts.EVENTS} - texts.PUBLIC
    assert offered <= set(notifications.TABLE)


def test_every_step_of_an_order_is_one_of_its_events():
    besides = {OrderStep.CREATED, OrderStep.NEW_LINK, OrderStep.MAIL_FAILED}
    assert set(orders.TRANSITIONS) | besides == set(OrderStep)
    assert set(orders.FOLLOWS) <= set(orders.TRANSITIONS)


def test_the_labels_of_events_differ():
    assert len({str(event.label) for event in Event}) == len(Event)


@pytest.mark.django_db
def test_nothing_else_can_be_recorded(landlord):
    claim = leak(landlord, now())
    with pytest.raises(ValueError, match="take_chrage"):
        record(claim, "take_chrage", actor=Actor.SYSTEM, now=now())
    assert not claim.events.filter(name="take_chrage").exists()
    assert record(claim, Event.TAKE_CHARGE, actor=Actor.SYSTEM, now=now()).name == "take_charge"


def test_an_event_of_a_newer_version_is_shown_by_its_name():
    assert ClaimEvent(name="from_tomorrow").label == "from_tomorrow"
    assert str(ClaimEvent(name="called").label) == str(Event.CALLED.label)


def test_no_event_is_written_as_a_bare_string():
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = [k.value for k in node.keywords if k.arg == "transition"]
            if called in {"record", "record_order", "_tell"} and len(node.args) > 1:
                given.append(node.args[1])
            found += [
                f"{path.name}:{value.lineno}"
                for value in given
                if isinstance(value, ast.Constant) and isinstance(value.value, str)
            ]
    assert found == []
