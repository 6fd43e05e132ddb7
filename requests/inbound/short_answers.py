"""Short answers to what we asked by text: yes, no, the number of a date, a score."""

import re
import unicodedata
from datetime import datetime

from django.db import transaction

from portal.actor import Actor
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.workflow import NotAllowed
from requests.closing import actions as closing
from requests.closing.models import Feedback
from requests.kit.choices import Channel, State
from requests.work_orders import appointments
from requests.work_orders.appointment_models import Offer, OfferOption

# Senders are phone numbers here. An offered date is picked by its number, alone or in « le 2 ».
NUMBERED = frozenset({Channel.SMS, Channel.SOCIAL})
# A digit and at most a word of courtesy: « 2 », « le 2 merci », « N°2. »
NUMBER = re.compile(
    r"\W*(?:date|option|choix|choice|num[eé]ro|the|la|le|ok|n°|no|n)?\s*([1-9])"
    r"\W*(?:merci|svp|thanks|please)?\W*",
    re.IGNORECASE,
)
YES = {"oui", "yes", "ok oui", "oui merci", "c'est regle", "regle", "oui c'est regle"}
NO = {"non", "no", "non merci", "pas regle", "ce n'est pas regle", "c'est pas regle"}


def plain(text: str) -> str:
    """Return the words without accents, case or signs; of a long text only the beginning."""
    bare = unicodedata.normalize("NFKD", text[:200].lower().replace("’", "'"))
    return " ".join("".join(c for c in bare if c.isalnum() or c in " '").split())


def record_score(claim: Claim, channel: str, text: str, now: datetime) -> bool:
    """Record a digit from 1 to 4 after we asked how it went; once per end of the claim.

    Returns whether it was one.
    """
    number = channel in NUMBERED and NUMBER.fullmatch(text)
    asked = claim.events.filter(name=Event.FEEDBACK_ASKED).exists()
    if claim.state != State.CLOSED or not number or not asked:
        return False
    score = int(number[1])
    return score in Feedback.Score and closing.give_feedback(
        claim=claim, score=score, word="", channel=channel, actor=Actor.TENANT, now=now
    )


def yes_or_no(text: str) -> str:
    """Return "yes", "no", or "" for anything that says more than that."""
    said = plain(text)
    return "yes" if said in YES else "no" if said in NO else ""


def is_short(text: str) -> bool:
    """Return whether the text is one of the answers that we ask for, and says nothing else."""
    return bool(NUMBER.fullmatch(text) or yes_or_no(text) or plain(text) == "photo")


def pick_date(claim: Claim, channel: str, text: str, now: datetime) -> bool:
    """Return whether the text picks a date of an open offer: « 2 » takes the second.

    When somebody else took the date meanwhile, the answer is the next dates; for a number that was
    not offered, the same ones again. An answered offer takes nothing, and with two open ones a
    number is not certain.
    """
    found = NUMBER.fullmatch(text) if channel in NUMBERED else None
    if found is None:
        return False
    open_ones = Offer.objects.of(order__claim=claim).filter(closed_at__isnull=True)
    offers = open_ones.select_related("order__contractor", "order__claim")[:2]
    if len(offers) != 1:
        return False
    offer = offers[0]
    try:
        with transaction.atomic():
            appointments.pick(offer=offer, number=int(found[1]), now=now, channel=channel)
    except OfferOption.DoesNotExist:
        appointments.renotify_offer(offer=offer, now=now)
    except (appointments.OfferClosed, NotAllowed):
        return False
    claim.refresh_from_db()
    return True
