"""Fetching from mailboxes over IMAP."""

import socket
from datetime import timedelta

import pytest
from django.urls import reverse

from portal.clock import now
from requests.channels import mailboxes
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.claims.models import Claim
from requests.inbound import imap, imap_session
from tests.factories import administrator, member
from tests.requests.channels import mails as made
from tests.requests.inbound.imap_server import ImapServer

pytestmark = pytest.mark.long

# IMAP


@pytest.fixture
def server(box):
    with ImapServer() as running:
        Mailbox.objects.filter(pk=box.pk).update(
            host="127.0.0.1",
            port=running.port,
            security="none",
            username="palier",
            secret_name="PALIER_MAIL_SECRET_TEST",
        )
        yield running


def fill(server, *uids):
    for uid in uids:
        server.box[uid] = made.mail(f"Message {uid}", message_id=f"<{uid}@t>")


def whole(server) -> bool:
    """Whether each message of the server is stored once, to the byte."""
    kept = sorted(
        bytes(raw) for raw in Intake.unscoped.exclude(raw=b"").values_list("raw", flat=True)
    )
    return kept == sorted(server.box.values())


def later(box, clock):
    """Move the clock to the next try of ``box``."""
    box.refresh_from_db()
    clock.at = max(clock.at, box.next_poll_at or clock.at)


def test_new_mails_are_fetched_once(server, box, clock, work):
    fill(server, 3, 5, 9)
    assert imap.poll(clock) == 3
    work()
    assert imap.poll(clock) == 0
    assert server.fetched == [3, 5, 9]
    assert set(Intake.unscoped.values_list("state", flat=True)) == {"parsed"}
    box.refresh_from_db()
    assert (box.last_uid, box.errors, box.leased_until) == (9, 0, None)
    assert box.last_success_at == clock()
    fill(server, 10)
    assert imap.poll(clock) == 1


REFUSALS = {
    "NO on SELECT": {"SELECT": "NO"},
    "BAD on SELECT": {"SELECT": "BAD"},
    "NO on SEARCH": {"SEARCH": "NO"},
    "NO on LOGIN": {"LOGIN": "NO"},
    "NO on FETCH": {"FETCH": "NO"},
    "BAD on FETCH": {"FETCH": "BAD"},
}


@pytest.mark.parametrize("refused", REFUSALS.values(), ids=REFUSALS.keys())
@pytest.mark.parametrize("visits", [1, 3, 8])
def test_a_mailbox_that_refuses_for_a_while_loses_nothing(server, box, clock, refused, visits):
    fill(server, 1, 2)
    assert imap.poll(clock) == 2
    fill(server, *range(3, 13))
    server.refused = refused
    for _ in range(visits):
        clock.forward(minutes=1)
        later(box, clock)
        assert imap.poll(clock) == 0
        box.refresh_from_db()
        assert (box.last_uid, bool(box.last_error)) == (2, True)
        assert Intake.unscoped.count() == 2
    server.refused = {}
    later(box, clock)
    assert imap.poll(clock) == 10
    box.refresh_from_db()
    assert (box.last_uid, box.errors, box.stuck) == (12, 0, {})
    assert whole(server)


@pytest.mark.parametrize("commands", range(1, 30, 3))
def test_a_throttle_that_begins_and_ends_anywhere_loses_nothing(server, box, clock, commands):
    fill(server, *range(1, 8))
    server.throttle = commands
    for _ in range(40):
        later(box, clock)
        imap.poll(clock)
        if whole(server):
            break
    assert whole(server)
    assert not Intake.unscoped.filter(raw=b"").exists()


POISON = ["broken", "silent", "empty", "cut_at"]


@pytest.fixture(params=POISON)
def poisoned(request, server):
    """A server that hands out all messages but the third."""
    fill(server, 1, 2, 3, 4, 5)
    getattr(server, request.param).add(3)
    return server


def test_a_message_that_is_never_handed_out_is_told_and_stepped_over(
    poisoned, box, clock, work, client, landlord
):
    visits = 0
    while not Intake.unscoped.filter(raw=b"").exists() and visits < 10:
        later(box, clock)
        imap.poll(clock)
        visits += 1
        # The others never wait for more than one visit.
        others = 2 if visits == 1 and poisoned.cut_at else 4
        assert Intake.unscoped.exclude(raw=b"").count() == others
    assert visits == 3
    told = Intake.unscoped.get(raw=b"")
    assert told.state == "failed"
    assert "3" in told.error
    box.refresh_from_db()
    assert (box.last_uid, box.stuck) == (5, {})
    fill(poisoned, 6)
    later(box, clock)
    assert imap.poll(clock) == 1
    assert sorted(uid for uid in poisoned.fetched if uid != 3) == [1, 2, 4, 5, 6]
    # A person cannot make an empty claim of it, and reads it once the server hands it out.
    client.force_login(member(landlord["north"], "agent").user)
    assert "Add to this claim" not in client.get(f"/agency/tray/{told.pk}/").content.decode()
    client.post(f"/agency/tray/{told.pk}/file/")
    work()
    claims = Claim.objects.system("test")
    assert claims.count() == 5
    for mended in (False, True):
        if mended:
            for name in POISON:
                setattr(poisoned, name, set())
        assert client.post(f"/agency/tray/{told.pk}/replay/").status_code == 302
        clock.at = max(clock.at, now())
        work()
        told.refresh_from_db()
        assert told.state == ("parsed" if mended else "failed")
    assert bytes(told.raw) == poisoned.box[3]
    assert claims.count() == 6


@pytest.mark.parametrize("fault", POISON)
def test_a_poisoned_message_alone_waits_and_is_known_by_the_message_before_it(
    server, box, clock, fault
):
    fill(server, 1)
    imap.poll(clock)
    fill(server, 2)
    getattr(server, fault).add(2)
    for _ in range(3):
        later(box, clock)
        imap.poll(clock)
    assert Intake.unscoped.get(raw=b"").state == "failed"
    box.refresh_from_db()
    assert box.last_uid == 2


def test_several_poisoned_messages_hold_nobody_up_for_good(server, box, clock):
    fill(server, *range(1, 10))
    server.cut_at, server.broken, server.silent = {1, 4}, {6}, {5}
    for _ in range(20):
        later(box, clock)
        imap.poll(clock)
    assert Intake.unscoped.exclude(raw=b"").count() == 5
    assert Intake.unscoped.filter(raw=b"", state="failed").count() == 4
    box.refresh_from_db()
    assert (box.last_uid, box.stuck) == (9, {})


@pytest.mark.parametrize("patience", range(2, 9))
def test_a_server_that_stops_answering_in_each_session_gives_no_message_up(
    server, box, clock, patience
):
    fill(server, 1)
    imap.poll(clock)
    fill(server, *range(2, 8))
    server.patience = patience
    for _ in range(6):
        later(box, clock)
        imap.poll(clock)
    assert not Intake.unscoped.filter(raw=b"").exists()
    server.patience = 0
    later(box, clock)
    imap.poll(clock)
    assert whole(server)


STRANGE = ["uid behind", "backwards", "news", "twice", "others", "no validity"]


@pytest.mark.parametrize("manners", [*STRANGE, *zip(STRANGE, STRANGE[1:], strict=False)])
def test_what_the_standard_allows_is_understood(server, box, clock, manners):
    server.manners = {manners} if isinstance(manners, str) else set(manners)
    fill(server, *range(1, 6))
    assert imap.poll(clock) == 5
    fill(server, 7, 9)
    assert imap.poll(clock) == 2
    assert imap.poll(clock) == 0
    assert whole(server)


@pytest.mark.parametrize("manners", ["garbage", "bye", "closes"])
def test_a_server_that_makes_no_sense_is_asked_again_later(server, box, clock, manners):
    fill(server, 1, 2)
    server.manners = {manners}
    for _ in range(4):
        later(box, clock)
        assert imap.poll(clock) == 0
    box.refresh_from_db()
    assert (box.last_uid, bool(box.errors)) == (0, True)
    server.manners = set()
    later(box, clock)
    assert imap.poll(clock) == 2
    assert whole(server)


def test_a_message_that_somebody_moves_away_is_no_fault(server, box, clock):
    fill(server, 1, 2, 3)
    server.taken = {2}
    assert imap.poll(clock) == 2
    box.refresh_from_db()
    assert (box.last_uid, box.errors, box.stuck) == (3, 0, {})
    assert Intake.unscoped.count() == 2


def test_a_server_that_never_answers_is_left_after_a_while(server, box, clock, monkeypatch):
    monkeypatch.setattr(imap_session, "TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        Mailbox.objects.filter(pk=box.pk).update(port=deaf.getsockname()[1])
        assert imap.poll(clock) == 0
    box.refresh_from_db()
    assert box.errors == 1
    assert "TimeoutError" in box.last_error


def test_many_messages_come_in_few_commands(server, box, clock, django_assert_max_num_queries):
    fill(server, *range(1, 101))
    with django_assert_max_num_queries(15 * 100):
        assert imap.poll(clock) == 100
    # LOGIN, CAPABILITY, SELECT, SEARCH, sizes, two batches, LOGOUT
    assert server.commands <= 10
    assert whole(server)


def test_a_visit_reads_until_nothing_is_left_and_large_ones_alone(server, box, clock, monkeypatch):
    monkeypatch.setattr(imap, "BATCH_BYTES", 2_000)
    monkeypatch.setattr(imap, "SIZED", 7)
    for uid in range(1, 31):
        body = "x" * 3_000 if uid % 10 == 0 else f"Message {uid}"
        server.box[uid] = made.mail(body, message_id=f"<{uid}@t>")
    assert imap.poll(clock) == 30
    assert server.fetched == list(range(1, 31))
    assert whole(server)


@pytest.mark.weakness("cut mail stored")
def test_a_cut_connection_is_taken_up_where_it_broke(server, box, clock):
    fill(server, 1, 2, 3)
    server.cut_at = {2}
    assert imap.poll(clock) == 0
    box.refresh_from_db()
    # What had arrived before is stored all the same.
    assert (box.last_uid, box.errors, Intake.unscoped.count()) == (1, 1, 1)
    assert box.next_poll_at > clock()
    assert imap.poll(clock) == 0  # backs off
    server.cut_at = set()
    clock.forward(minutes=2)
    assert imap.poll(clock) == 2
    assert Intake.unscoped.count() == 3
    assert whole(server)


def test_a_mailbox_numbered_anew_forgets_what_it_refused(server, box, clock):
    fill(server, 1, 2)
    server.broken = {1}
    for _ in range(2):
        later(box, clock)
        imap.poll(clock)
    box.refresh_from_db()
    assert (box.stuck, box.good_uid) == ({"1": 2, "2": -1}, 2)
    server.validity, server.broken = 8, set()
    later(box, clock)
    assert imap.poll(clock) == 1
    assert whole(server)


def test_a_mailbox_numbered_anew_doubles_nothing(server, box, clock):
    server.box[4] = made.mail(message_id="<4@t>")
    imap.poll(clock)
    server.validity, server.box = 8, {1: server.box[4], 2: made.mail("Neuf", message_id="<n@t>")}
    assert imap.poll(clock) == 1
    assert Intake.unscoped.count() == 2


def test_two_pollers_never_read_one_mailbox_together(server, box, clock):
    server.box[1] = made.mail()
    assert mailboxes.lease(box, clock())
    assert imap.poll(clock) == 0
    assert server.logins == 0
    clock.forward(minutes=11)  # the other one died
    assert imap.poll(clock) == 1


def test_a_wrong_password_is_seen_and_a_silent_mailbox_is_an_alarm(server, box, clock, monkeypatch):
    monkeypatch.setenv("PALIER_MAIL_SECRET_TEST", "wrong")
    imap.poll(clock)
    box.refresh_from_db()
    assert "AUTHENTICATIONFAILED" in box.last_error
    assert imap.alarm(box, clock())
    monkeypatch.setenv("PALIER_MAIL_SECRET_TEST", "secret")
    clock.forward(minutes=2)
    imap.poll(clock)
    box.refresh_from_db()
    assert not imap.alarm(box, clock())
    assert imap.alarm(box, clock() + timedelta(minutes=31))


def test_a_huge_mail_is_fetched_in_part_and_answered(server, box, clock, work, monkeypatch, mails):
    monkeypatch.setattr(imap, "LARGEST", 50_000)
    monkeypatch.setattr(imap, "HEAD_OF_LARGE", 20_000)
    head = 'Content-Type: image/jpeg; name="évier.jpg"'
    server.box[1] = made.parts(made.TEXT, made.part(head, b"\xff\xd8\xff" + b"x" * 100_000))
    imap.poll(clock)
    work()
    intake = Intake.unscoped.get()
    assert (intake.truncated, intake.state, len(intake.raw)) == (True, "parsed", 20_000)
    assert any("trop lourde" in m.text and "évier.jpg" in m.text for m in mails.sent)
    (photo,) = intake.claim.attachments.all()
    assert photo.name == "évier (début).jpg"  # nobody takes it for the whole


def test_several_mailboxes_are_each_read_under_their_own_lease(server, box, clock):
    with ImapServer() as second:
        Mailbox.objects.create(
            slug="siege",
            address="siege@bailleur.example",
            host="127.0.0.1",
            port=second.port,
            security="none",
            username="palier",
            secret_name="PALIER_MAIL_SECRET_TEST",
        )
        server.box[1] = made.mail("Un", message_id="<un@t>")
        second.box[1] = made.mail("Deux", message_id="<deux@t>")
        assert mailboxes.lease(box, clock())  # another worker is at the first
        assert imap.poll(clock) == 1
        assert (server.logins, second.logins) == (0, 1)
        mailboxes.record_success(box, clock())
        assert imap.poll(clock) == 1
    assert set(Intake.unscoped.values_list("mailbox__slug", flat=True)) == {"agence", "siege"}


def test_the_settings_test_a_mailbox_and_never_show_its_password(
    server, box, client, landlord, monkeypatch
):
    server.box[1] = made.mail()
    client.force_login(administrator(landlord["head"]).user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = reverse("admin:requests_mailbox_change", args=[box.pk])
    shown = client.get(page).content.decode()
    assert "set in the environment" in shown
    assert 'value="secret"' not in shown
    data = {"slug": "agence", "address": "palier@bailleur.example", "active": "on"}
    data |= {"host": "127.0.0.1", "port": server.port, "security": "none", "username": "palier"}
    data |= {"secret_name": "PALIER_MAIL_SECRET_TEST", "folder": "INBOX", "_test": "1"}
    said = client.post(page, data, follow=True).content.decode()
    assert "The connection works: 1 messages" in said
    assert Intake.unscoped.count() == 0
    monkeypatch.setenv("PALIER_MAIL_SECRET_TEST", "wrong")
    said = client.post(page, data, follow=True).content.decode()
    assert "The connection failed" in said
    assert "AUTHENTICATIONFAILED" in said
