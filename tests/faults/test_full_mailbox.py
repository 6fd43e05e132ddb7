"""A full mailbox read by two workers, one of which is killed: nothing is lost or doubled.

Says what each of 5,000 mails cost; four minutes on two cores are allowed.
"""

import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from portal.clock import now
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.claims.models import Claim
from requests.inbound import imap
from tests import trust
from tests.factories import category
from tests.requests.channels import mails as made
from tests.requests.inbound.imap_server import ImapServer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.real_clock,
    pytest.mark.trust,
    pytest.mark.skipif(not trust.WHOLE, reason="test_killed.py kills workers in each run"),
]

MAILS = 5_000
MINUTES = 4
# Wall time says nothing where others use the cores: two cores for four minutes are so much work.
ALLOWED = 2 * MINUTES * 60 / 5_000
TICKS = os.sysconf("SC_CLK_TCK")


@pytest.fixture
def box(landlord, monkeypatch):
    """A mailbox of a running server."""
    category("ADM-14", "A1", "crc")
    monkeypatch.setenv("PALIER_MAIL_SECRET_TEST", "secret")
    with ImapServer() as server:
        found = Mailbox.objects.create(
            slug="agence",
            address="palier@bailleur.example",
            host="127.0.0.1",
            port=server.port,
            security="none",
            username="palier",
            secret_name="PALIER_MAIL_SECRET_TEST",
        )
        for uid in range(1, MAILS + 1):
            server.box[uid] = made.mail(
                f"Bonjour, l'évier du {uid} fuit toujours.\n" * 20,
                sender=f"Locataire {uid} <t{uid}@tenant.example>",
                message_id=f"<{uid}@tenant.example>",
            )
        yield found


class Meter:
    """Processor time of the workers and of the database's processes, also of those that end."""

    def __init__(self, stand) -> None:
        self.stand = stand
        self.begun: dict[int, float] = {}
        self.last: dict[int, float] = {}
        self.look()
        self.counting = True  # who comes later has done nothing before

    counting = False

    def look(self) -> None:
        """Note how much each process has had until now."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'")
            pids = [pid for (pid,) in cursor.fetchall()] + self.stand.pool_of(self.stand.worker)
        for pid in pids:
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            self.last[pid] = (int(fields[11]) + int(fields[12])) / TICKS
            self.begun.setdefault(pid, 0.0 if self.counting else self.last[pid])

    def seconds(self) -> float:
        """Return how much all of them had since the meter was made."""
        self.look()
        return sum(self.last[pid] - self.begun[pid] for pid in self.last)


def test_two_workers_read_a_full_mailbox_though_one_is_killed(box, stand):
    meter = Meter(stand)
    began, fetching = time.monotonic(), time.thread_time()
    assert imap.poll(now) == MAILS
    fetched = time.thread_time() - fetching
    left = Intake.unscoped.filter(state=Intake.State.NEW)
    stand.until(lambda: left.count() < MAILS / 2, seconds=1_200)
    meter.look()
    os.kill(stand.pool_of(stand.worker)[0], signal.SIGKILL)
    while left.exists():
        stand.until(lambda: not left.exists() or time.sleep(0.5), seconds=1_200)
    wall, spent = time.monotonic() - began, fetched + meter.seconds()
    print(
        f"{MAILS} mails by two workers, one killed: {wall:.0f} s on this machine, "
        f"{1000 * spent / MAILS:.0f} ms of processor each ({1000 * fetched / MAILS:.1f} to fetch)"
    )
    assert dict(Counter(Intake.unscoped.values_list("state", flat=True))) == {"parsed": MAILS}
    senders = Claim.objects.system("test").values_list("contact_email", flat=True)
    assert sorted(senders) == sorted(f"t{uid}@tenant.example" for uid in range(1, MAILS + 1))
    claims = Intake.unscoped.values_list("claim", "message").distinct()
    assert claims.count() == MAILS
    assert spent / MAILS < ALLOWED
