"""What a mail costs from the mailbox to its claim, in processor time of ours and of the database.

Wall time says nothing on a busy machine. 1,500 mails a minute on two cores leave 80 ms for each.
"""

import os
import time
from pathlib import Path

import pytest
from django.db import connection

from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.claims.models import Claim
from requests.inbound import imap, reader
from requests.jobs import queue
from requests.jobs.models import Job
from tests import trust
from tests.requests.channels import mails as made
from tests.requests.inbound.imap_server import ImapServer

MAILS = trust.size(60, 5_000)
A_MINUTE = 1_500
CORES = 2
TICKS = os.sysconf("SC_CLK_TCK")


def backend_time() -> float:
    """Return the processor time of the database's process that serves us; 0 where nobody tells."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def spent() -> float:
    """Return the time of this thread, without the mail server's, and the database's."""
    return time.thread_time() + backend_time()


@pytest.mark.trust
def test_mails_are_fetched_and_read_fast_enough_and_none_twice(box, clock):
    with ImapServer() as server:
        Mailbox.objects.filter(pk=box.pk).update(
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
        began = spent()
        assert imap.poll(clock) == MAILS
        fetched = spent() - began
    began = spent()
    handlers = {Job.Kind.INTAKE: reader.work}
    others = Job.objects.exclude(kind=Job.Kind.INTAKE)
    while Job.objects.filter(kind=Job.Kind.INTAKE, done_at=None).exists():
        queue.drain(handlers, clock, seconds=600)
        others.filter(done_at=None).update(done_at=clock())
    read = spent() - began
    each = (fetched + read) / MAILS
    print(
        f"{MAILS} mails: {1000 * fetched / MAILS:.1f} ms each to fetch, "
        f"{1000 * read / MAILS:.1f} ms to read: {CORES * 60 / each:.0f} a minute on {CORES} cores"
    )
    assert set(Intake.unscoped.values_list("state", flat=True)) == {"parsed"}
    assert Claim.objects.system("test").count() == MAILS
    # A short run is too short to be exact, and shares its processor with others.
    assert each < CORES * 60 / A_MINUTE * (1 if trust.WHOLE else 2)
