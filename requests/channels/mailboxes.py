"""The state of a mailbox that is read: lease, progress, errors that push the next try away."""

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
        box.uid_validity, box.last_uid, box.stuck = validity, 0, {}
        box.save(update_fields=["uid_validity", "last_uid", "stuck"])


GIVEN_UP = -1


def tries(box: Mailbox, uid: int) -> int:
    """Return how often the server refused ``uid``; ``GIVEN_UP`` once a person has it."""
    return box.stuck.get(str(uid), 0)


def count_try(box: Mailbox, uid: int) -> int:
    """Count one refusal of ``uid``; return how many there were."""
    box.stuck = {**box.stuck, str(uid): tries(box, uid) + 1}
    box.save(update_fields=["stuck"])
    return tries(box, uid)


def give_up(box: Mailbox, uid: int) -> None:
    """Note that a person has ``uid`` now."""
    box.stuck = {**box.stuck, str(uid): GIVEN_UP}
    box.save(update_fields=["stuck"])


def record_progress(box: Mailbox, uid: int, now: datetime) -> None:
    """Note that all up to ``uid`` is stored or given up; extend the lease from now."""
    box.last_uid, box.last_message_at, box.leased_until = uid, now, now + LEASE
    box.stuck = {number: count for number, count in box.stuck.items() if int(number) > uid}
    box.save(update_fields=["last_uid", "last_message_at", "leased_until", "stuck"])


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
