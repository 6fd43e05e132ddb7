"""News of a mailbox at once (IDLE), and the fallback where a server cannot tell."""

import threading

import pytest

from portal.clock import now
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.inbound import imap, imap_session, mailbox_watch
from tests.requests.channels import mails as made
from tests.requests.inbound.imap_server import ImapServer


@pytest.fixture(params=[True, False], ids=["IDLE", "no IDLE"])
def server(request, box):
    with ImapServer(idle=request.param) as running:
        Mailbox.objects.filter(pk=box.pk).update(
            host="127.0.0.1",
            port=running.port,
            security="none",
            username="palier",
            secret_name="PALIER_MAIL_SECRET_TEST",
        )
        box.refresh_from_db()
        yield running


def test_news_end_the_wait_and_silence_does_not(server, box):
    with imap_session.open_session(box) as client:
        assert mailbox_watch.can_wait(client) is server.idle
        if not server.idle:
            return
        client.folder.set(box.folder)
        stopped = threading.Event()
        assert mailbox_watch.wait(client, stopped, seconds=0.1) is False
        told = threading.Timer(0, lambda: server.idling.wait(60) and server.arrive(1, made.mail()))
        told.start()
        assert mailbox_watch.wait(client, stopped, seconds=60) is True
        # The session still serves for what comes next.
        assert mailbox_watch.wait(client, stopped, seconds=0.1) is False
        told.join()


def test_news_in_one_piece_with_the_answer_are_seen(server, box):
    """What is read with the answer lies in a buffer, and the socket has nothing more to tell."""
    if not server.idle:
        return
    with imap_session.open_session(box) as client:
        client.folder.set(box.folder)
        server.manners.add("at once")
        assert mailbox_watch.wait(client, threading.Event(), seconds=60) is True
        server.manners.clear()
        assert mailbox_watch.wait(client, threading.Event(), seconds=0.1) is False


def test_a_watch_reads_what_lies_there_and_what_comes(server, box, clock, monkeypatch):
    """One stay at a mailbox, its wait for news replaced by news that come."""
    server.box[1] = made.mail("Un", message_id="<1@t>")
    watch = mailbox_watch.Watch(box, clock)
    seen = []

    def news(client, stopped):
        box.refresh_from_db()
        seen.append((Intake.unscoped.count(), box.watched_until is not None))
        server.box[len(seen) + 1] = made.mail("Plus", message_id=f"<{len(seen) + 1}@t>")
        if len(seen) == 3:
            watch.stop()

    monkeypatch.setattr(mailbox_watch, "wait", news)
    watch._stay()
    assert seen == ([(1, True), (2, True), (3, True)] if server.idle else [])
    # Asked every half minute all the same: what nobody told of comes, and nothing twice.
    assert imap.poll(clock) == 1
    assert Intake.unscoped.count() == (4 if server.idle else 1)


def test_a_server_that_is_away_is_asked_again_later_each_time(server, box, clock, monkeypatch):
    watch = mailbox_watch.Watch(box, clock)
    server.manners = {"bye"}
    pauses = []

    def pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 4:
            watch.stop()
        if len(pauses) == 3:
            server.manners = set()
            monkeypatch.setattr(watch, "_stay", lambda: None)

    monkeypatch.setattr(watch.stopped, "wait", pause)
    monkeypatch.setattr(mailbox_watch, "close_old_connections", lambda: None)
    watch.run()
    assert pauses == [2.0, 4.0, 8.0, mailbox_watch.WAIT]


def test_mailboxes_are_watched_as_the_settings_say(box, monkeypatch):
    started, stopped = [], []
    monkeypatch.setattr(mailbox_watch.Watch, "start", lambda watch: started.append(watch.box.slug))
    monkeypatch.setattr(mailbox_watch.Watch, "stop", lambda watch: stopped.append(watch.box.slug))
    watcher = mailbox_watch.Watcher(now)
    watcher.look()
    assert started == []  # it has no server
    Mailbox.objects.filter(pk=box.pk).update(host="imap.example")
    watcher.look()
    watcher.look()
    assert (started, stopped) == (["agence"], [])
    Mailbox.objects.filter(pk=box.pk).update(folder="Locataires")
    watcher.look()
    assert (started, stopped) == (["agence", "agence"], ["agence"])
    Mailbox.objects.filter(pk=box.pk).update(active=False)
    watcher.look()
    assert stopped == ["agence", "agence"]
    assert not watcher.watches
