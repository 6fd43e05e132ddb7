"""Ready-made replies of a unit or of the whole landlord, filled in for one claim."""

from typing import Any

from django.db.models import Q, QuerySet

from agencies.models import Membership
from portal.access import Role
from portal.database.related_rows import kept
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.conversation.models import CannedReply
from requests.notifications import events as notifications
from requests.notifications import texts
from requests.promises.outlook import Outlook


def usable_by(membership: Membership) -> QuerySet[CannedReply]:
    """Return the replies of the member's unit and of the whole landlord."""
    return CannedReply.objects.filter(Q(unit=None) | Q(unit=membership.unit_id)).order_by("name")


def editable_by(membership: Membership) -> QuerySet[CannedReply]:
    """Return the replies that the member may edit: the unit's; head office, also shared ones."""
    if membership.role == Role.HEAD_OFFICE:
        return usable_by(membership)
    return CannedReply.objects.filter(unit=membership.unit_id)


def keep(
    *, membership: Membership, name: str, language: str, body: str, pk: int | None = None
) -> CannedReply:
    """Write a reply of the member's unit; for head office, of the whole landlord.

    Raises IntegrityError when the name is taken in this language, ``CannedReply.DoesNotExist``
    when the member may not edit ``pk``.
    """
    if pk is None:
        unit = None if membership.role == Role.HEAD_OFFICE else membership.unit
        return CannedReply.objects.create(unit=unit, name=name, language=language, body=body)
    reply = editable_by(membership).get(pk=pk)
    reply.name, reply.language, reply.body = name, language, body
    reply.save()
    return reply


def drop(*, membership: Membership, pk: int) -> bool:
    """Delete a reply; return False when the member may not edit it."""
    deleted, _rows = editable_by(membership).filter(pk=pk).delete()
    return bool(deleted)


def fill_placeholders(
    claim: Claim, membership: Membership, outlook: Outlook | None
) -> list[dict[str, Any]]:
    """Return the replies for ``claim`` in its language, with the variables filled in.

    A date in them is the one that will stand once the reply is sent, by ``outlook``.
    """
    rows = kept(claim, "ready_replies")
    if rows is None:
        rows = list(usable_by(membership).filter(language=claim.language[:2]))
    if not rows:
        return []
    rows = sorted(rows, key=lambda row: row.name)
    promise = outlook.after(Event.MESSAGE_OUT) if outlook else None
    values = notifications.reply_values(claim, membership.user, promise)
    return [{"pk": row.pk, "name": row.name, "text": texts.fill(row.body, values)} for row in rows]
