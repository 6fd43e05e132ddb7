"""Colleagues mentioned with @ in an internal note, among those who may see the claim."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from agencies.absences import absence_on, absences_on
from agencies.models import Absence, Membership
from portal.access import DESK_ROLES, Role
from portal.database.related_rows import kept
from portal.models import User
from portal.text import plain
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.conversation.models import Mention

WIDE = {Role.HEAD_OFFICE, Role.CALL_TAKER, Role.ON_CALL}
# Not preceded by a letter, so that the @ of a mail address is no mention.
HANDLE = re.compile(r"(?<![\w@.+-])@([\w'’-]+(?:\.[\w'’-]+)?)")


class Unclear(Exception):
    """``names`` are handles that match nobody, or several, of those who may see the claim."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def colleagues(claim: Claim) -> list[User]:
    """Return the members of desks who may see ``claim`` today, by first name."""
    today = timezone.localdate()
    found = {row.user_id: row.user for row in _members(claim, today) if row.user.first_name}
    return sorted(found.values(), key=lambda user: (plain(user.first_name), user.pk))


def _members(claim: Claim, today: date) -> list[Membership]:
    """Return the memberships of desks in force on ``today`` whose members may see ``claim``."""
    rows = kept(claim, "colleagues")
    if rows is None:
        units = {claim.owner.unit_id if claim.owner else None}
        units.add(claim.residence.unit_id if claim.residence else None)
        seen = Q(unit__in=units - {None}) | Q(role__in=WIDE)
        rows = list(Membership.objects.filter(seen, role__in=DESK_ROLES).select_related("user"))
    return [
        row
        for row in rows
        if row.user.is_active and row.starts <= today and (row.ends is None or row.ends >= today)
    ]


def _handles(user: User) -> set[str]:
    """Return what may follow the @ for ``user``, without accents."""
    first = plain(user.first_name).replace(" ", "-")
    last = plain(user.last_name).replace(" ", "-")
    return {first, f"{first}.{last}"}


def handle(user: User, among: Iterable[User]) -> str:
    """Return the handle of ``user``: the first name, with the last name when two share it."""
    first = user.first_name.replace(" ", "-")
    same = [u for u in among if plain(u.first_name) == plain(user.first_name)]
    return f"@{first}" if len(same) < 2 else f"@{first}.{user.last_name.replace(' ', '-')}"


def mentioned_members(claim: Claim, text: str) -> list[User]:
    """Return the colleagues whom ``text`` mentions. Raises ``Unclear``."""
    handles = dict.fromkeys(HANDLE.findall(text))
    if not handles:
        return []
    people = colleagues(claim)
    found: dict[UUID, User] = {}
    unclear: list[str] = []
    for name in handles:
        fits = [user for user in people if plain(name).strip("-") in _handles(user)]
        if len(fits) == 1:
            found[fits[0].pk] = fits[0]
        else:
            unclear.append(f"@{name}")
    if unclear:
        raise Unclear(unclear)
    return list(found.values())


def away(people: Iterable[User], day: date, claim: Claim | None = None) -> dict[UUID, Absence]:
    """Return the absence on the local ``day`` of those of ``people`` who are away, by user.

    ``claim``: that whose ``colleagues`` they are, if it was read whole.
    """
    members = kept(claim, "colleagues") if claim else None
    if members is not None:
        absent = {row.user_id: absence_on(row, day) for row in members}
        return {user.pk: found for user in people if (found := absent.get(user.pk))}
    rows = absences_on(day).filter(membership__user__in=[user.pk for user in people])
    rows = rows.select_related("membership", "replacement__user")
    return {row.membership.user_id: row for row in rows}


def create_mentions(*, message: Message, users: Iterable[User]) -> None:
    """Write one mention per user; a mention of the author is left out."""
    Mention.objects.bulk_create(
        Mention(message=message, claim_id=message.claim_id, user=user)
        for user in users
        if user.pk != message.author_id
    )


def mark_mentions_seen(*, claim: Claim, user: User, now: datetime) -> int:
    """Mark the mentions of ``user`` on ``claim`` as seen; return how many there were."""
    return Mention.objects.filter(claim=claim, user=user, seen_at__isnull=True).update(seen_at=now)
