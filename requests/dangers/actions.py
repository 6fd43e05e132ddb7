"""Turn what may be a danger into a claim of its own, in one step (docs/adr/0048)."""

from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from portal.actor import Actor
from requests.catalogue.models import Category
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.filing.actions import Filing, file_claim
from requests.kit.choices import OPEN, Urgency
from requests.notifications.outgoing import write_note
from requests.suggestions import danger
from requests.suggestions.danger import Danger

MOST_READ = 50_000  # characters


def find(text: str) -> Danger | None:
    """Return the danger that ``text`` may speak of; None when it speaks of none."""
    return danger.find(text[:MOST_READ])


def hear(*, claim: Claim, message: Message, now: datetime, sender: Filing | None = None) -> Claim:
    """Make a claim of a message that speaks of a danger which its conversation is not about.

    Returns the claim that people must look at: the new one, the one made of an earlier message
    of this conversation, or ``claim`` itself when it is an emergency already or the message speaks
    of none. ``sender`` is given for somebody who is not known in the conversation: the new claim
    is theirs, and knows neither the tenant nor the home. Call it in the transaction of the message.
    """
    found = find(message.text)
    if found is None or (claim.state in OPEN and is_danger(claim)):
        return claim
    key = f"danger:{claim.pk}"
    earlier = Claim.objects.system("a danger heard twice").filter(channel=message.channel, key=key)
    if known := earlier.first():
        if known.state in OPEN:
            return known
        key = f"{key}:{message.pk}"
    filing = replace(sender or _same_person(claim), channel=message.channel, key=key)
    try:
        made = file_claim(replace(filing, words=message.text), actor=Actor.TENANT, now=now)
    except Category.DoesNotExist:  # nothing is set up to sort it: the message is not lost for it
        with translation.override(settings.LANGUAGE_CODE):
            said = _("Possible danger: “%(words)s”. Read it now.") % {"words": found.said}
            write_note(claim, said, now)
        return claim
    with translation.override(settings.LANGUAGE_CODE):
        words = {"new": made.spoken_reference, "old": claim.spoken_reference, "words": found.said}
        write_note(
            claim,
            _("Possible danger: “%(words)s”. Request %(new)s was made of it.") % words,
            now,
        )
        write_note(made, _("It was written in request %(old)s.") % words, now)
    return made


def made_of(claim: Claim, message: Message) -> Claim | None:
    """Return the open claim that ``hear`` made of ``message`` or of one before it, if any."""
    if find(message.text) is None:
        return None
    key = f"danger:{claim.pk}"
    rows = Claim.objects.system("a danger heard in a call").filter(
        channel=message.channel, key__in=[key, f"{key}:{message.pk}"], state__in=OPEN
    )
    return rows.order_by("filed_at").last()


def is_danger(claim: Claim) -> bool:
    """Return whether people are to be rung about the claim while nobody has it in hand.

    Words heard in a claim whose author chose the category put it first in the lists; they ring
    nobody, since a needless call at night costs more than a glance.
    """
    return claim.urgency == Urgency.U0 or bool(claim.danger and claim.sorted_at is None)


def _same_person(claim: Claim) -> Filing:
    """Return a filing by the person of ``claim``, about the same place."""
    return Filing(
        channel=claim.channel,
        key="",
        category=settings.PALIER_UNSORTED_CATEGORY,
        tenant=str(claim.tenant_id) if claim.tenant_id else None,
        dwelling=claim.dwelling_id,
        staircase=claim.staircase_id,
        building=claim.building_id,
        residence=claim.residence_id,
        place_note=claim.place_note,
        contact_name=claim.contact_name,
        contact_email=claim.contact_email,
        contact_phone=claim.contact_phone,
        language=claim.language,
        confidential=claim.confidential,
    )
