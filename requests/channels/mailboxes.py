"""The state of a mailbox that is read: lease, progress, errors that push the next try away."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from requests.channels.mailbox_models import Mailbox

LEASE = timedelta(minutes=10)
LONGEST = timedelta(hours=1)


def lease(box: Mailbox, now: datetime) -> bool:
    """Take the mailbox for us alone; False when somebody has it."""
    taken = Mailbox.objects.filter(pk=box.pk).filter(
        Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    )
    if not taken.update(leased_until=now + LEASE):
        return False
    box.refresh_from_db()
    return True


def reset_progress(box: Mailbox, validity: int | None) -> None:
    """Reset the progress when UIDVALIDITY is new.

    The server numbered its messages anew (RFC 3501).
    """
    if validity is not None and validity != box.uid_validity:
        box.uid_validity, box.last_uid, box.good_uid, box.stuck = validity, 0, 0, {}
        box.save(update_fields=["uid_validity", "last_uid", "good_uid", "stuck"])


DONE = -1


def tries(box: Mailbox, uid: int) -> int:
    """Return how often the server refused ``uid``."""
    return max(0, box.stuck.get(str(uid), 0))


def is_done(box: Mailbox, uid: int) -> bool:
    """Return whether ``uid`` is stored, or a person has it, while one before it is neither."""
    return box.stuck.get(str(uid)) == DONE


def count_try(box: Mailbox, uid: int) -> int:
    """Count one refusal of ``uid``; return how many there were."""
    box.stuck = {**box.stuck, str(uid): tries(box, uid) + 1}
    box.save(update_fields=["stuck"])
    return tries(box, uid)


def record_progress(box: Mailbox, uid: int, done: Iterable[int], now: datetime) -> None:
    """Note that all up to ``uid`` is stored or given up, and so is ``done``; extend the lease."""
    box.last_uid, box.last_message_at, box.leased_until = uid, now, now + LEASE
    stuck = box.stuck | {str(number): DONE for number in done}
    box.stuck = {number: count for number, count in stuck.items() if int(number) > uid}
    box.save(update_fields=["last_uid", "good_uid", "last_message_at", "leased_until", "stuck"])


def record_success(box: Mailbox, now: datetime) -> None:
    """Clear the errors of ``box`` and free its lease, so that the next tick may poll it."""
    Mailbox.objects.filter(pk=box.pk).update(
        last_success_at=now, last_error="", errors=0, next_poll_at=None, leased_until=None
    )


def record_failure(box: Mailbox, error: str, now: datetime) -> None:
    """Postpone the next try, later each time, up to an hour."""
    wait = min(timedelta(minutes=2 ** min(box.errors, 6)), LONGEST)
    Mailbox.objects.filter(pk=box.pk).update(
        last_error=error[:2000].replace("\0", ""),
        errors=box.errors + 1,
        next_poll_at=now + wait,
        leased_until=None,
    )
