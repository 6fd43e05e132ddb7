"""Fetch mail from our mailboxes; every message is stored before it is marked as seen.

A mailbox is read under a lease, so that two workers never read it together: in batches, until
nothing is left. A server that answers NO, or hangs up, is asked again later: how far we have read
(``last_uid``) moves over stored messages only. A single message that it does not hand out, three
times and while it hands out others, becomes an entry of the tray, from which it can be fetched
again. ``mailbox_watch.py`` learns of new messages at once; ``poll`` asks every half minute.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from imap_tools import BaseMailBox

from requests.channels import intake as intakes
from requests.channels import mailboxes, raw_bytes, reasons
from requests.channels.mail import parser as email
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.inbound import imap_session
from requests.inbound.imap_session import HANG_UP, NETWORK, NotHandedOut
from requests.kit.choices import Channel

log = logging.getLogger(__name__)
# One batch: few enough that what arrived is soon stored, and that it fits into memory twice.
BATCH, BATCH_BYTES = 50, 8 * 1024 * 1024
SIZED = 500  # sizes asked for together
VISIT = 300.0  # seconds; then the other mailboxes have their turn
LARGEST = 30 * 1024 * 1024
HEAD_OF_LARGE = 512 * 1024
HEAD = "BODY.PEEK[]<0.64>"  # enough to see that a message is handed out
# After so many refusals, a message is left to a person, if the server hands out others.
TRIES = 3
UNFETCHED = re.compile(r"/uid/(\d+|None)/(\d+)$")


def poll(clock: Callable[[], datetime]) -> int:
    """Fetch from every mailbox that is due; return how many messages are new."""
    now = clock()
    due = Mailbox.objects.filter(active=True).exclude(host="")
    due = due.filter(Q(next_poll_at__isnull=True) | Q(next_poll_at__lte=now))
    return sum(fetch(box, clock) for box in due)


def fetch(box: Mailbox, clock: Callable[[], datetime]) -> int:
    """Fetch what is new in one mailbox; 0 when another worker reads it or its server is down."""
    if not mailboxes.lease(box, clock()):
        return 0
    try:
        new = _fetch(box, clock)
    except NETWORK as error:
        mailboxes.record_failure(box, f"{type(error).__name__}: {error}", clock())
        log.warning("mailbox %s: %r", box.slug, error)
        return 0
    except BaseException as error:
        mailboxes.record_failure(box, repr(error), clock())
        raise
    mailboxes.record_success(box, clock())
    return new


def check(box: Mailbox) -> tuple[str, int]:
    """Log in and open the folder, reading nothing.

    Return ("", number of messages) or (the error, 0).
    """
    try:
        with imap_session.open_session(box) as client:
            found = client.folder.set(box.folder)
    except NETWORK as error:
        return f"{type(error).__name__}: {error}"[:300], 0
    return "", int(found[1][0] or 0)


def _fetch(box: Mailbox, clock: Callable[[], datetime]) -> int:
    with imap_session.open_session(box) as client:
        validity, uids = imap_session.numbers(client, box)
        mailboxes.reset_progress(box, validity)
        return _Visit(box, client, uids, clock).run()


class _Visit:
    """One visit to a mailbox: the messages that are new, then those that were refused before."""

    def __init__(
        self, box: Mailbox, client: BaseMailBox, uids: list[int], clock: Callable[[], datetime]
    ) -> None:
        self.box, self.client, self.uids, self.clock = box, client, uids, clock
        self.done = {uid for uid in uids if mailboxes.is_done(box, uid)}
        self.new, self.good = 0, 0  # how many were new; one that the server handed out just now

    def run(self) -> int:
        """Return how many messages are new. Raises one of ``NETWORK``: come again later."""
        suspects = [u for u in self.uids if u not in self.done and mailboxes.tries(self.box, u)]
        fresh = [uid for uid in self.uids if uid not in self.done and uid not in suspects]
        end = time.monotonic() + VISIT
        for batch in self._batches(fresh):
            self._take_together(batch)
            if time.monotonic() > end:
                break
        for uid in suspects:
            if mailboxes.tries(self.box, uid) >= TRIES - 1:
                self._hands_out_others()  # after it hangs up, nothing more can be asked
            self._take_alone(uid)
        return self.new

    def _batches(self, uids: list[int]) -> Iterator[list[int]]:
        """Yield the messages in order, as many together as fit; a large one alone."""
        for first in range(0, len(uids), SIZED):
            some = uids[first : first + SIZED]
            sizes = imap_session.sizes(self.client, some)
            batch: list[int] = []
            room = BATCH_BYTES
            for uid in some:
                size = sizes.get(uid, LARGEST)
                if batch and (size > room or len(batch) >= BATCH):
                    yield batch
                    batch, room = [], BATCH_BYTES
                batch.append(uid)
                room -= size
            yield batch

    def _take_together(self, uids: list[int]) -> None:
        """Store a batch, or what came of it; the others are asked for alone."""
        if len(uids) == 1:
            self._take_alone(uids[0])
            return
        found, error = imap_session.bodies(self.client, uids)
        self._keep([(uid, found[uid], False) for uid in uids if uid in found])
        missing = [uid for uid in uids if uid not in found]
        if error and isinstance(error, HANG_UP):
            if missing:
                mailboxes.count_try(self.box, missing[0])  # they come in order: it broke here
            raise error
        for uid in missing:
            self._take_alone(uid)

    def _take_alone(self, uid: int) -> None:
        """Store one message, or count its refusal where the server hands out others."""
        try:
            raw, large = _message(self.client, uid)
        except HANG_UP as error:
            if mailboxes.count_try(self.box, uid) >= TRIES and self.good:
                self._give_up(uid, error)
            raise
        except NETWORK as error:
            if not imap_session.is_there(self.client, uid):
                self._finish([uid])  # somebody moved it away meanwhile
            elif not self._hands_out_others():
                raise
            elif mailboxes.count_try(self.box, uid) >= TRIES:
                self._give_up(uid, error)
            return
        self._keep([(uid, raw, large)])

    def _keep(self, found: list[tuple[int, bytes, bool]]) -> None:
        """Store messages and the progress over them in one transaction."""
        if not found:
            return
        with transaction.atomic():
            for _uid, raw, large in found:
                _intake, new = store(self.box, raw, self.clock(), truncated=large)
                self.new += new
            self.box.good_uid = found[-1][0]
            self._finish([uid for uid, _raw, _large in found])
        self.good = found[-1][0]

    def _give_up(self, uid: int, error: Exception) -> None:
        with transaction.atomic():
            _leave_to_a_person(self.box, uid, error, self.clock())
            self._finish([uid])

    def _finish(self, uids: list[int]) -> None:
        """Move on to the last message before the first that is neither stored nor given up."""
        self.done.update(uids)
        reached = self.box.last_uid
        for number in self.uids:
            if number not in self.done:
                break
            reached = number
        mailboxes.record_progress(self.box, reached, self.done, self.clock())

    def _hands_out_others(self) -> bool:
        """Whether the server hands out, right now, a message that it handed out before."""
        known = self.good or self.box.good_uid
        if known and not imap_session.is_there(self.client, known):
            known = imap_session.last_before(self.client, self.box.last_uid)
        try:
            self.good = known if known and imap_session.body(self.client, known, HEAD) else 0
        except NotHandedOut:
            self.good = 0
        return bool(self.good)


def _message(client: BaseMailBox, uid: int) -> tuple[bytes, bool]:
    """Return one message, and whether it is only the beginning of a large one.

    Raises one of ``NETWORK``.
    """
    size = imap_session.sizes(client, [uid]).get(uid)
    if size is None:
        raise NotHandedOut(f"UID {uid}: the server gives no size")
    if size <= LARGEST:
        return imap_session.body(client, uid), False
    return imap_session.body(client, uid, f"BODY.PEEK[]<0.{HEAD_OF_LARGE}>"), True


def _leave_to_a_person(box: Mailbox, uid: int, error: Exception, now: datetime) -> None:
    """Put a message that was never fetched into the tray, with what the server said."""
    said = reasons.coded("not_handed_out", error=str(error) or f"UID {uid}: {error!r}")
    intake, _new = intakes.receive(
        channel=Channel.EMAIL,
        external_id=f"{box.slug}/uid/{box.uid_validity}/{uid}",
        raw=b"",
        now=now,
        mailbox=box,
    )
    intakes.fail(intake, said)


def fetch_again(intake: Intake) -> None:
    """Fetch the message of an intake that stands in the tray without a byte, and store it there.

    Raises one of ``NETWORK``.
    """
    box, found = intake.mailbox, UNFETCHED.search(intake.external_id)
    if box is None or found is None:
        raise NotHandedOut("nothing says which message this was")
    with imap_session.open_session(box) as client:
        client.folder.set(box.folder)
        if str(imap_session.uid_validity(client)) != found[1]:
            raise NotHandedOut("the mailbox was numbered anew, and read again from its beginning")
        raw, intake.truncated = _message(client, int(found[2]))
    intake.mail_id, intake.fingerprint = email.message_id_of(raw)[:300], email.identity(raw)
    with transaction.atomic():
        raw_bytes.write(intake, "raw", raw)
        intake.save(update_fields=["truncated", "mail_id", "fingerprint"])


def store(box: Mailbox, raw: bytes, now: datetime, truncated: bool = False) -> tuple[Intake, bool]:
    """Store one raw mail of ``box``, whichever way it came. Return ``(intake, new)``."""
    number = email.message_id_of(raw)
    fingerprint = email.identity(raw)
    return intakes.receive(
        channel=Channel.EMAIL,
        external_id=f"{box.slug}/{number[:180]}/{fingerprint[:40]}",
        raw=raw,
        now=now,
        mailbox=box,
        fingerprint=fingerprint,
        mail_id=number,
        truncated=truncated,
    )


def alarm(box: Mailbox, now: datetime) -> bool:
    """Return whether nothing was fetched for too long.

    A silent mailbox is worse than a failing one.
    """
    limit = timedelta(minutes=settings.PALIER_SILENCE_MINUTES)
    return (
        box.active
        and bool(box.host)
        and (box.last_success_at is None or now - box.last_success_at > limit)
    )
