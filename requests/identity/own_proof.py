"""Whoever wrote proves who they are, on the page of their request: by the code on the rent bill.

The bill lies in the letter box, so its code alone makes nobody the author: the register must give
the number or address, which the channel proved, to that very person. Otherwise staff are told.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from portal.actor import Actor
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.identity.senders import written_from
from requests.kit.choices import OPEN
from requests.notifications import outgoing
from tenants.actions import account_link, contact_points, senders
from tenants.contact_strength import Grade, Sender
from tenants.models import ContactPoint


def may_prove(claim: Claim) -> bool:
    """Return whether the request still lacks its author."""
    return claim.tenant_id is None and claim.state in OPEN


@transaction.atomic
def prove(*, claim: Claim, code: str, last_name: str, now: datetime) -> bool:
    """Make who has the bill the author; False when a person must look first.

    Raises ``tenants.actions.account_link.NoMatch``.
    """
    person = account_link.on_bill(code, last_name, timezone.localdate(now))
    written = written_from(claim)
    sender = Sender()
    if written:
        sender = senders.find(written.value, now, proven=written.proven)
    # Neither what a message taught nor what a caller told: the bill twice is no second proof.
    known = ContactPoint.objects.of(tenant=person).filter(
        Q(origin=ContactPoint.Origin.REGISTER) | Q(verified=True), failing=False
    )
    points = list(known.filter(value=written.value)) if written else []
    if written and written.proven and points and sender.person == str(person.pk):
        for point in points:
            contact_points.prove(point, proof=ContactPoint.Proof.LINK, by=None, now=now)
        advance(
            claim=claim,
            transition=Event.IDENTIFY,
            actor=Actor.SYSTEM,
            now=now,
            tenant=str(person.pk),
            changes={"tenant_id": person.pk},
            by_bill=True,
        )
        return True
    if written and sender.grade == Grade.UNKNOWN:
        contact_points.learn(
            tenant=person, kind=written.kind, value=written.value, proven=False, by=None, now=now
        )
    with translation.override(settings.LANGUAGE_CODE):
        text = _("Who wrote typed the code on the rent bill of %(name)s. Check, then link them.")
        text %= {"name": person}
    notes = Message.objects.of(claim=claim).filter(direction=Message.Direction.NOTE)
    if not notes.filter(text=text).exists():
        outgoing.write_note(claim, text, now)
    return False
