"""Robots facing the portal over real SMTP and IMAP: the talk dies out, a person is told."""

import email
import email.policy
import socket

import pytest
from aiosmtpd.controller import Controller

from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.claims.models import Claim
from requests.inbound import imap
from requests.notifications.models import Delivery
from tests.factories import category
from tests.requests.channels import mails as made
from tests.requests.inbound.imap_server import ImapServer

OURS = "palier@bailleur.example"
ROBOTS = ("one@robot.example", "two@robot.example")


class Robots:
    """An SMTP server whose two mailboxes answer every mail at once, without any manners.

    Their answers lie in ``box``, the mailbox that the portal reads: no thread, no header that
    calls them automatic.
    """

    def __init__(self, box: dict[int, bytes]) -> None:
        self.box, self.taken = box, []

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.taken.append(str(mail["To"]))
        self.say(str(mail["To"]))
        return "250 kept"

    def say(self, sender: str) -> None:
        number = len(self.box) + 1
        self.box[number] = made.mail(
            "Votre message a bien été reçu.", sender=sender, message_id=f"<{number}@robot.example>"
        )


@pytest.fixture
def facing(landlord, settings, monkeypatch):
    """The portal between an IMAP server and the robots' SMTP server."""
    monkeypatch.setenv("PALIER_MAIL_SECRET_TEST", "secret")
    settings.PALIER_REPLY_TO = OURS
    category("ADM-14", "A1", "crc")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with ImapServer() as server:
        Mailbox.objects.create(
            slug="agence",
            address=OURS,
            host="127.0.0.1",
            port=server.port,
            security="none",
            username="palier",
            secret_name="PALIER_MAIL_SECRET_TEST",
        )
        robots = Robots(server.box)
        controller = Controller(robots, hostname="127.0.0.1", port=port, ready_timeout=60)
        controller.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield robots
        controller.stop()


def test_two_robots_get_no_more_than_the_cap_and_a_person_is_told(facing, clock, work):
    for robot in ROBOTS:
        facing.say(robot)
    rounds = quiet = 0
    while rounds < 45 and quiet < 3:
        before = len(facing.box)
        imap.poll(clock)
        work()
        clock.forward(seconds=70)
        quiet = quiet + 1 if len(facing.box) == before else 0
        rounds += 1
    # It ended by itself, long before the hour was over.
    assert quiet == 3
    for robot in ROBOTS:
        assert 1 <= facing.taken.count(robot) <= 25
    # What nobody files any more waits in the tray, for a person.
    waiting = Intake.unscoped.filter(state="failed")
    for robot in ROBOTS:
        assert any(robot in row.error and "flood" in row.error for row in waiting)
    assert Claim.objects.system("test").count() <= 20
    assert Delivery.unscoped.filter(state="sent").count() == len(facing.taken)
