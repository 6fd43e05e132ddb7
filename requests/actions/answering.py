"""Short answers to a question that we asked by text: yes, no, or the number of a date."""

import re
import unicodedata
from datetime import datetime

from django.db import transaction

from requests.actions import appointment
from requests.choices import Channel
from requests.models import Claim, Offer, OfferOption
from requests.workflow import NotAllowed

# Channels in which an offered date is picked by its number, alone or in « le 2 », « choix 2 ».
NUMBERED = frozenset({Channel.SMS, Channel.SOCIAL})
NUMBER = re.compile(r"(?:le |la |n°? ?|num[eé]ro |choix |option |date |ok )?([1-9])\s*[.!)]?")
YES = {"oui", "yes", "ok oui", "oui merci", "c'est regle", "regle", "oui c'est regle"}
NO = {"non", "no", "non merci", "pas regle", "ce n'est pas regle", "c'est pas regle"}


def plain(text: str) -> str:
    """The words without accents, case or signs; of a long text only the beginning."""
    bare = unicodedata.normalize("NFKD", text[:200].lower().replace("’", "'"))
    return " ".join("".join(c for c in bare if c.isalnum() or c in " '").split())


def yes_or_no(text: str) -> str:
    """Say "yes", "no", or "" for anything that says more than that."""
    said = plain(text)
    return "yes" if said in YES else "no" if said in NO else ""


def pick(claim: Claim, channel: str, text: str, now: datetime) -> bool:
    """Whether the text answers an open offer of dates with its number: « 2 » takes the second.

    A date that somebody else took meanwhile is answered with the next ones, and a number that
    was not offered with the same ones again. An answered offer takes nothing.
    """
    found = channel in NUMBERED and NUMBER.fullmatch(text.strip().lower())
    offer = found and (
        Offer.objects.filter(order__claim=claim, closed_at__isnull=True)
        .select_related("order__contractor", "order__claim")
        .order_by("-made_at")
        .first()
    )
    if not offer:
        return False
    try:
        with transaction.atomic():
            appointment.pick(offer=offer, number=int(found[1]), now=now, channel=channel)
    except OfferOption.DoesNotExist:
        appointment.tell_again(offer=offer, now=now)
    except (appointment.OfferClosed, NotAllowed):
        return False
    claim.refresh_from_db()
    return True
