"""Turn a stored raw input into one action. A failure goes to the tray; the next input is read."""

import time
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from requests.channels import marks, reasons
from requests.channels.mail import parser as email
from requests.channels.models import Intake
from requests.claims.models import Claim
from requests.inbound import (
    imap,
    letter,
    letter_codes,
    public_page,
    replies,
    sms,
    telephony,
    voice_notes,
    whatsapp,
)
from requests.inbound.outcomes import clean_files
from requests.inbound.time_cap import TooLong, seconds, time_cap
from requests.jobs.queue import is_hiccup
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.open311 import actions as reports
from requests.open311 import media
from requests.open311 import reports as open311


def mail(intake: Intake) -> replies.Reply:
    """Return a raw mail as a ``Reply``; also for a person who looks at it in the tray."""
    if not intake.raw:
        raise replies.NeedsAPerson(reasons.coded("not_fetched"))
    box = intake.mailbox
    found = email.parse(
        bytes(intake.raw),  # no copy: bytes they are
        authserv_id=box.authserv_id if box else "",
        own_host=settings.PALIER_MAIL_HOST,
        own_domain=box.address.rpartition("@")[2] if box else "",
    )
    bounce = found.bounce
    headers = " ".join(f"<{number}>" for number in found.replies_to)
    named = marks.named_references(found.subject)
    files = [(file.name, file.content_type, file.data) for file in found.files]
    too_big = found.too_big
    if intake.truncated:
        files, cut = _named_as_cut(files)
        too_big = [*too_big, cut]
    return replies.Reply(
        sender=found.sender,
        sender_name=found.sender_name,
        hints=found.hints,
        subject=found.subject,
        text=found.text,
        folded=found.folded,
        html=found.html,
        files=files,
        too_big=too_big,
        # The address that bounces and robots answer to carries the mark of its delivery.
        deliveries=marks.marked_deliveries(
            "\n".join([headers, *found.recipients, bounce.trace if bounce else ""])
        ),
        marked=marks.marked_references(found.trace),
        answers=found.replies_to,
        named=named,
        automatic=found.automatic,
        unreadable="encrypted" if found.encrypted else "",
        bounce=bounce.kind if bounce else "",
        bounce_why=bounce.why if bounce else "",
        verified=found.auth == "pass",
        proof=found.proof,
    )


def _named_as_cut(
    files: list[tuple[str, str, bytes]],
) -> tuple[list[tuple[str, str, bytes]], str]:
    """Return the files of a mail of which we kept the beginning, and the name of the one cut off.

    The last one ends where we stopped: its name says so to staff.
    """
    if not files:
        return files, "…"
    name, kind, data = files[-1]
    stem = name.rpartition(".")[0] or name  # what it is called in the end follows from its bytes
    with translation.override(settings.LANGUAGE_CODE):
        beginning = _("%(name)s (beginning)") % {"name": stem}
    return [*files[:-1], (beginning, kind, data)], name


def report(intake: Intake, now: datetime) -> None:
    """Make a claim of a report that was posted through Open311, or a message of an update."""
    if update := open311.update_of(intake):
        _add_update(intake, update, now)
        return
    photos = media.fetch_photos(intake)
    filing, sender = open311.to_filing(intake, photos)
    reports.file_report(
        intake_id=intake.pk, filing=filing, sender=sender, now=now, photos=list(photos.values())
    )


@transaction.atomic
def _add_update(intake: Intake, update: open311.Update, now: datetime) -> None:
    """Add what an application passed on to its request; it proves nobody and changes no state."""
    claim = Claim.objects.system("reading").get(pk=update.claim)
    reply = replies.Reply(
        sender=update.sender,
        sender_name=update.sender_name,
        text=update.words,
        marked=[claim.reference],
    )
    done = replies.apply_reply(intake_id=intake.pk, reply=reply, now=now)
    reports.join_photos(done, now)


def _fetch_again(intake: Intake) -> None:
    """Fetch a mail that a person wants read though its server never handed it out."""
    try:
        imap.fetch_again(intake)
    except imap.NETWORK as error:
        raise replies.NeedsAPerson(reasons.coded("not_handed_out", error=error)) from error


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
    """Read one raw input, its files included, in less time than its job is leased.

    When the database is away, or for an hour when the disk is full, the job is tried again; every
    other failure puts the input into the tray.
    """
    intake = Intake.objects.system("reading").select_related("mailbox").get(pk=intake_id)
    if intake.state != Intake.State.NEW:
        return
    channel, reply = Channel(intake.channel), None
    has_raw = bool(intake.raw)  # read before the cap: a slow database is no fault of the input
    end = time.monotonic() + seconds()
    try:
        if channel in DIRECT:
            DIRECT[channel](intake, now)
            return
        if channel == Channel.EMAIL and not has_raw:
            _fetch_again(intake)
        with time_cap(end - time.monotonic()):
            reply = READERS[channel](intake)
        if channel == Channel.LETTER:
            raise replies.NeedsAPerson(reasons.coded("letter"))
        if channel == Channel.SOCIAL and reply and not reply.sender:
            raise replies.NeedsAPerson(reasons.coded("no_sender"))
        if reply is None:
            RECEIPTS[channel](intake, now)
        else:
            if channel in RECEIPTS and sms.asks_to_stop(reply.text):
                outgoing.mark_failing(intake.channel, reply.sender, outgoing.STOP, now)
                reply = replace(reply, automatic="STOP")
            spoken = voice_notes.write_down(reply)
            cleaned = clean_files(spoken, max(0.0, end - time.monotonic()))
            reply = letter_codes.find(cleaned, max(0.0, end - time.monotonic()))
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
    except TooLong as error:
        why = reasons.coded("too_long", limit=error)
        replies.fail(intake_id=intake.pk, reply=reply, why=why, now=now)
    except replies.NeedsAPerson as error:
        replies.fail(intake_id=intake.pk, reply=reply, why=str(error), now=now)
    except Exception as error:
        if is_hiccup(error) and now - intake.received_at < PATIENCE:
            raise
        replies.fail(intake_id=intake.pk, reply=reply, why=repr(error), now=now)
