"""Short answers to what we asked by message: yes, no, the number of a date, a score."""

import re
import unicodedata
from datetime import datetime

from requests.actions import appointment, closing
from requests.choices import State
from requests.models import Claim, Feedback, Offer, OfferOption
from requests.workflow import NotAllowed

YES = {"oui", "yes", "ok oui", "oui merci", "c'est regle", "regle", "oui c'est regle"}
# A digit and at most a word of courtesy: « 2 », « le 2 merci », « N°2. »
NUMBER = re.compile(
    r"\W*(?:date|option|choix|choice|the|la|le|n°|no)?\s*([1-9])\W*(?:merci|svp|thanks|please)?\W*",
    re.IGNORECASE,
)
NO = {"non", "no", "non merci", "pas regle", "ce n'est pas regle", "c'est pas regle"}


def scored(claim: Claim, text: str, channel: str, now: datetime) -> bool:
    """A digit from 1 to 4 after we asked how it was; once per end of the claim."""
    number = NUMBER.fullmatch(text)
    asked = claim.events.filter(name="feedback_asked").exists()
    if claim.state != State.CLOSED or number is None or not asked:
        return False
    score = int(number[1])
    return score in Feedback.Score and closing.give_feedback(
        claim=claim, score=score, word="", channel=channel, now=now
    )


def took_a_date(claim: Claim, text: str, channel: str, now: datetime) -> bool:
    """A digit answers the dates that were offered; a date just taken brings the next ones.

    False when it is no digit, or when the digit does not name one date for certain.
    """
    number = NUMBER.fullmatch(text)
    offers = Offer.objects.filter(order__claim=claim, closed_at__isnull=True)[:2]
    if number is None or len(offers) != 1:
        return False
    try:
        appointment.pick(offer=offers[0], number=int(number[1]), now=now, channel=channel)
    except (appointment.OfferClosed, OfferOption.DoesNotExist, NotAllowed):
        return False
    return True


def yes_or_no(text: str) -> str:
    """« yes », « no » or "" for a text that says neither for certain."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("’", "'"))
    words = "".join(c for c in plain if c.isalnum() or c in " '").split()
    said = " ".join(words)
    return "yes" if said in YES else "no" if said in NO else ""
