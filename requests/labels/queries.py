"""What is read of labels: those of a row of a list, of a claim, and what an event changed."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet

from portal.database.related_rows import kept
from portal.text import search_words
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.labels.actions import PUT, TAKEN
from requests.labels.models import ClaimLabel, Label


def keys_of_row() -> ArraySubquery:
    """Return the keys of a claim's labels, as a column of a list of claims."""
    return ArraySubquery(
        ClaimLabel.objects.filter(claim=OuterRef("pk")).order_by("pk").values("label")
    )


def codes_of_row() -> ArraySubquery:
    """Return the codes of a claim's labels, as a column of a list of claims."""
    borne = ClaimLabel.objects.filter(claim=OuterRef("pk")).order_by("label__code")
    return ArraySubquery(borne.values("label__code"))


def bears(**label: Any) -> Q:
    """Return the condition for claims that bear the label of this ``label`` or ``label__code``.

    No join: whatever else the list asks for, an index answers it for each claim or the other way.
    """
    return Q(pk__in=ClaimLabel.objects.filter(**label).order_by().values("claim"))


def of_claim(claim: Claim) -> list[Label]:
    """Return what may be chosen for ``claim``: each label offered or borne, with ``borne``."""
    borne = {row.label_id for row in claim.labelled.all()}
    found = kept(claim, "labels")  # read with the whole claim: more than may be chosen
    if found is None:
        found = list(Label.objects.filter(Q(active=True) | Q(pk__in=borne)))
    found = [label for label in found if label.active or label.pk in borne]
    for label in found:
        label.borne = label.pk in borne
    return sorted(found, key=lambda label: str(label).casefold())


def offered() -> QuerySet[Label]:
    """Return the labels that may be chosen."""
    return Label.objects.filter(active=True)


def said(text: str, label: str) -> bool:
    """Return whether every word of ``text`` begins a word of the label's name."""
    words, known = search_words(text), search_words(label)
    return bool(words) and all(any(one.startswith(word) for one in known) for word in words)


def named(claim: Claim, events: Iterable[ClaimEvent]) -> None:
    """Write on each change of labels of ``claim`` what it put and took, in words.

    As ``put`` and ``taken`` of the event.
    """
    changes = [event for event in events if event.name == Event.LABELLED]
    if not changes:
        return
    read = kept(claim, "labels")  # read with the whole claim: all that its events name
    names = {label.code: str(label) for label in (Label.objects.all() if read is None else read)}
    for event in changes:
        event.put = [names.get(code, code) for code in event.facts.get(PUT, ())]
        event.taken = [names.get(code, code) for code in event.facts.get(TAKEN, ())]
