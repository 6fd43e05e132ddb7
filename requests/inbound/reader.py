"""Turn a stored raw input into one action. A failure goes to the tray; the next input is read."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from types import FrameType

from django.conf import settings
from django.db import IntegrityError, OperationalError
from django.utils.translation import gettext as _

from requests.channels import marks
from requests.channels.mail import parser as email
from requests.channels.models import Intake
from requests.inbound import imap, letter, public_page, replies, sms, telephony, whatsapp
from requests.inbound.outcomes import clean_files
from requests.jobs.queue import is_hiccup
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.open311 import actions as reports
from requests.open311 import reports as open311

SECONDS = 20  # Per input. Its parsers have limits of their own; this is the second limit.


class TooLong(Exception):
    """Reading took longer than ``SECONDS``."""


@contextlib.contextmanager
def time_cap(seconds: float) -> Iterator[None]:
    """Interrupt what takes too long. Only a main thread can be interrupted (workers are)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLong(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def mail(intake: Intake) -> replies.Reply:
    """Return a raw mail as a ``Reply``; also for a person who looks at it in the tray."""
    if not intake.raw:
        raise replies.NeedsAPerson(_("The mail server has not handed out this message."))
    box = intake.mailbox
    found = email.parse(
        bytes(intake.raw),
        authserv_id=box.authserv_id if box else "",
        own_host=settings.PALIER_MAIL_HOST,
        own_domain=box.address.rpartition("@")[2] if box else "",
    )
    bounce = found.bounce
    headers = " ".join(f"<{number}>" for number in found.replies_to)
    named = marks.named_references(found.subject)
    too_big = found.too_big + (["…"] if intake.truncated else [])
    return replies.Reply(
        sender=found.sender,
        sender_name=found.sender_name,
        hints=found.hints,
        subject=found.subject,
        text=found.text,
        folded=found.folded,
        html=found.html,
        files=[(file.name, file.content_type, file.data) for file in found.files],
        too_big=too_big,
        deliveries=marks.marked_deliveries(f"{headers}\n{bounce.trace if bounce else ''}"),
        marked=marks.marked_references(found.trace),
        answers=found.replies_to,
        named=named,
        automatic=found.automatic,
        bounce=bounce.kind if bounce else "",
        bounce_why=bounce.why if bounce else "",
        verified=found.auth == "pass",
    )


def report(intake: Intake, now: datetime) -> None:
    """Make a claim of a report that was posted through Open311."""
    filing, sender = open311.to_filing(intake)
    reports.file_report(intake_id=intake.pk, filing=filing, sender=sender, now=now)


def _fetch_again(intake: Intake) -> None:
    """Fetch a mail that a person wants read though its server never handed it out."""
    try:
        imap.fetch_again(intake)
    except imap.NETWORK as error:
        said = _("The mail server does not hand out this message (%(error)s). Read it again.")
        raise replies.NeedsAPerson(said % {"error": error}) from error


READERS = {
    Channel.EMAIL: mail,
    Channel.SMS: sms.read,
    Channel.SOCIAL: whatsapp.read,
    Channel.LETTER: letter.read,
    Channel.PAGE: public_page.reply,
}
RECEIPTS = {Channel.SMS: sms.receipt, Channel.SOCIAL: whatsapp.receipt}
# Inputs that are no message of a conversation: read and handled in one step.
DIRECT = {
    Channel.OPEN311: report,
    Channel.PHONE: telephony.read,
    Channel.PAGE: public_page.process_post,
}
PATIENCE = timedelta(hours=1)  # Inputs that can only be read later.


def work(*, key: str, now: datetime, intake_id: str) -> None:
    """Read one raw input.

    When the database is away, or for an hour when the disk is full, the job is tried again; every
    other failure puts the input into the tray.
    """
    intake = Intake.objects.system("reading").select_related("mailbox").get(pk=intake_id)
    if intake.state != Intake.State.NEW:
        return
    channel, reply = Channel(intake.channel), None
    try:
        if channel in DIRECT:
            DIRECT[channel](intake, now)
            return
        if channel == Channel.EMAIL and not intake.raw:
            _fetch_again(intake)
        with time_cap(SECONDS):
            reply = READERS[channel](intake)
        if channel == Channel.LETTER:
            raise replies.NeedsAPerson(_("A letter on paper: say where it belongs."))
        if channel == Channel.SOCIAL and reply and not reply.sender:
            raise replies.NeedsAPerson(_("The provider names no sender: nobody can be answered."))
        if reply is None:
            RECEIPTS[channel](intake, now)
        else:
            if channel in RECEIPTS and sms.asks_to_stop(reply.text):
                outgoing.mark_failing(intake.channel, reply.sender, outgoing.STOP, now)
                reply = replace(reply, automatic="STOP")
            reply = clean_files(reply)
            replies.apply_reply(intake_id=intake.pk, reply=reply, now=now)
    except OperationalError:
        raise
    except IntegrityError:
        if channel in DIRECT or reply is None:
            raise
        # The same mail, from another of our mailboxes, was read at the same moment.
        replies.apply_reply(intake_id=intake.pk, reply=reply, now=now)
    except replies.Later as error:
        if now - intake.received_at < PATIENCE:
            raise
        replies.fail(intake_id=intake.pk, reply=reply, why=str(error), now=now)
    except replies.NeedsAPerson as error:
        replies.fail(intake_id=intake.pk, reply=reply, why=str(error), now=now)
    except Exception as error:
        if is_hiccup(error) and now - intake.received_at < PATIENCE:
            raise
        replies.fail(intake_id=intake.pk, reply=reply, why=repr(error), now=now)
