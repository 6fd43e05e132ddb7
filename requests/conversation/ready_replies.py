"""Ready-made replies: kept for a unit or the whole landlord, filled for one request."""

from django.db.models import Q, QuerySet

from portal.access import Role
from requests.claims.models import Claim
from requests.conversation.models import CannedReply
from requests.notifications import events as notifications
from requests.notifications import texts


def usable_by(membership) -> QuerySet[CannedReply]:
    """Those of the member's unit and of the whole landlord."""
    return CannedReply.objects.filter(Q(unit=None) | Q(unit=membership.unit_id)).order_by("name")


def editable_by(membership) -> QuerySet[CannedReply]:
    """A unit edits its own; head office edits everybody's too."""
    if membership.role == Role.HEAD_OFFICE:
        return usable_by(membership)
    return CannedReply.objects.filter(unit=membership.unit_id)


def keep(*, membership, name: str, language: str, body: str, pk: int | None = None) -> CannedReply:
    """Write a reply of the member's unit (head office: of all). Raises IntegrityError on a twin,
    CannedReply.DoesNotExist when ``pk`` is not theirs to edit."""
    if pk is None:
        unit = None if membership.role == Role.HEAD_OFFICE else membership.unit
        return CannedReply.objects.create(unit=unit, name=name, language=language, body=body)
    reply = editable_by(membership).get(pk=pk)
    reply.name, reply.language, reply.body = name, language, body
    reply.save()
    return reply


def drop(*, membership, pk: int) -> bool:
    """Forget one; False when it is not theirs to edit."""
    deleted, _rows = editable_by(membership).filter(pk=pk).delete()
    return bool(deleted)


def filled(claim: Claim, membership) -> list[dict]:
    """What may be inserted on ``claim``, in its language, as it would be sent."""
    rows = list(usable_by(membership).filter(language=claim.language[:2]))
    if not rows:
        return []
    values = notifications.reply_values(claim, membership.user)
    return [{"pk": row.pk, "name": row.name, "text": texts.fill(row.body, values)} for row in rows]
