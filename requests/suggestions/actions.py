"""Train, switch and ask the suggestion model. It proposes; a person always decides."""

import hashlib
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from requests.catalogue.models import Category
from requests.claims.models import Claim
from requests.kit.choices import Urgency
from requests.suggestions import cold_start
from requests.suggestions.classifier import Model, Reading, Sample, train_model
from requests.suggestions.models import Suggestion, SuggestionModel, SuggestionSwitch
from requests.suggestions.normalise import Anonymiser, normalise

log = logging.getLogger(__name__)

SALT = "requests.suggestions"
EVERY = timedelta(days=7)
RETRY = timedelta(hours=6)
KEPT = 12  # versions one may go back to
PER_CATEGORY = 40  # past requests learnt from, the newest first
READ = 20_000
MOST_HISTORY = 2_000  # keeps training in the tens of seconds on one processor
LEAST_WORDS = 3
# A text that occurs for many subjects (« merci de passer ») is not learnt from.
MOST_SUBJECTS = 2
# A version that does worse than the one in use, by more than chance, waits for a person.
TOLERANCE = 0.02
LEAST_RECALL = 0.95
CONFIDENCE = {"probable": _("probable"), "possible": _("possible")}


class ForgedModel(Exception):
    """The stored weights are not those that this installation wrote."""


@dataclass(frozen=True)
class Proposal:
    """A category to show, with how sure the model is: a word for people, and 0–1."""

    category: Category
    confidence: str
    probability: float


@dataclass(frozen=True)
class Advice:
    """What a text may be about. Empty without model, when switched off, or without words.

    ``urgency`` is a value of ``Urgency`` or "": U0 when danger is found, else that of the first
    proposal. ``heard`` are the words of danger found in the text. ``version`` 0: no model answered.
    """

    proposals: tuple[Proposal, ...] = ()
    urgency: str = ""
    danger: bool = False
    heard: tuple[str, ...] = ()
    version: int = 0


def is_on() -> bool:
    """Return whether suggestions are switched on for the landlord; they are until switched off."""
    last = SuggestionSwitch.objects.first()
    return last is None or last.on


def switch(*, on: bool, by, now: datetime) -> None:
    """Switch suggestions on or off for the whole landlord; kept with author and date."""
    if is_on() != on:
        SuggestionSwitch.objects.create(on=on, by=by, at=now)


@transaction.atomic
def order_training(*, by, now: datetime) -> SuggestionModel:
    """Ask for a new version; an order not yet carried out is returned instead of a second one."""
    SuggestionModel.objects.select_for_update().first()
    waiting = SuggestionModel.objects.filter(trained_at__isnull=True, failure="").first()
    return waiting or SuggestionModel.objects.create(version=_next_version(), asked_at=now, by=by)


def order_training_when_old(*, now: datetime) -> None:
    """Order a version when none is trained, or the newest is a week old.

    An order that failed is not repeated for some hours, nor does one wait twice.
    """
    if SuggestionModel.objects.filter(asked_at__gt=now - RETRY).exists():
        return
    newest = SuggestionModel.objects.aggregate(at=Max("trained_at"))["at"]
    if newest is None or newest <= now - EVERY:
        order_training(by=None, now=now)


def train_ordered(*, now: datetime) -> SuggestionModel | None:
    """Train the version that was ordered; return None without order.

    The row is locked while training: a killed worker frees it, two never train at once. What
    goes wrong is written on the row.
    """
    with transaction.atomic():
        row = (
            SuggestionModel.objects.select_for_update(skip_locked=True)
            .filter(trained_at__isnull=True, failure="")
            .first()
        )
        if row is None:
            return None
        try:
            with transaction.atomic():
                _train(row, now)
        except Exception as error:
            log.exception("training of suggestions failed")
            row.failure = repr(error)[:200]
            row.save(update_fields=["failure"])
    return row


def train(*, now: datetime, by=None) -> SuggestionModel | None:
    """Order and train at once: for the command line and tests."""
    order_training(by=by, now=now)
    return train_ordered(now=now)


def _train(row: SuggestionModel, now: datetime) -> None:
    categories = list(Category.objects.select_related("family").order_by("code"))
    families = {c.code: c.family.code for c in categories}
    cold = cold_start.samples(categories)
    past = _history(categories, [s.text for s in cold])
    model, figures = train_model([*cold, *past], families)
    blob = model.to_bytes()
    row.trained_at, row.blob, row.figures = now, blob, figures
    row.sha256, row.mac = hashlib.sha256(blob).hexdigest(), _mac(blob)
    row.samples = sum(s.source != "calibration" for s in cold) + len(past)
    row.history = len(past)
    row.save()
    used = SuggestionModel.objects.filter(active=True).first()
    if used is None or _good_enough(figures, used.figures):
        _use(row)
    # Versions beyond the last dozen cannot be gone back to; their figures go with them.
    oldest = SuggestionModel.objects.filter(active=False).values_list("pk", flat=True)[KEPT:]
    gone = SuggestionModel.objects.filter(pk__in=list(oldest))
    Suggestion.objects.filter(version__in=list(gone.values_list("version", flat=True))).delete()
    gone.delete()


def _good_enough(new: dict, used: dict) -> bool:
    return new["danger_recall"] >= LEAST_RECALL and new["top3"] >= used["top3"] - TOLERANCE


def _history(categories: Sequence[Category], lexicon: Sequence[str]) -> list[Sample]:
    """Return past requests as people corrected them, without persons and sensitive subjects."""
    open_to_learn = {c.code: c.urgency for c in categories if not c.sensitive}
    rows = list(
        Claim.objects.system("training of suggestions")
        .filter(category__code__in=list(open_to_learn), confidential=False)
        .exclude(words="")
        .order_by("-filed_at")
        .values_list("words", "category__code")[:READ]
    )
    texts = Anonymiser(lexicon).clean([words for words, _code in rows])
    subjects = defaultdict(set)
    for text, (_words, code) in zip(texts, rows, strict=True):
        subjects[text].add(code)
    taken: dict[str, int] = defaultdict(int)
    found: list[Sample] = []
    for text in dict.fromkeys(texts):
        if len(found) >= MOST_HISTORY:
            break
        if len(text.split()) < LEAST_WORDS or len(subjects[text]) > MOST_SUBJECTS:
            continue
        for code in sorted(subjects[text]):
            if taken[code] < PER_CATEGORY:
                taken[code] += 1
                danger = open_to_learn[code] == Urgency.U0
                found.append(Sample(text, code, danger, "history"))
    return found


@transaction.atomic
def activate(*, version: int, by, now: datetime) -> SuggestionModel:
    """Use ``version`` from now on, newer or older. Raises SuggestionModel.DoesNotExist, Forged."""
    row = SuggestionModel.objects.select_for_update().get(version=version, trained_at__isnull=False)
    load(row)
    _use(row)
    log.info("suggestions v%s put in use by user %s at %s", version, by.pk if by else "-", now)
    return row


def _use(row: SuggestionModel) -> None:
    SuggestionModel.objects.filter(active=True).exclude(pk=row.pk).update(active=False)
    row.active = True
    row.save(update_fields=["active"])


def _next_version() -> int:
    return (SuggestionModel.objects.aggregate(last=Max("version"))["last"] or 0) + 1


def _mac(blob: bytes) -> str:
    return salted_hmac(SALT, blob, algorithm="sha256").hexdigest()


def load(row: SuggestionModel) -> Model:
    """Return the model of a trained row.

    Raises Forged before reading any byte of a foreign blob.
    """
    blob = bytes(row.blob or b"")
    if not constant_time_compare(row.mac, _mac(blob)):
        raise ForgedModel(f"v{row.version}")
    return Model.from_bytes(blob)


# The model in use, kept by each process until another row is: (row, digest, model).
_cached: tuple[int, str, Model] | None = None


def _in_use() -> tuple[int, Model] | None:
    global _cached
    row = SuggestionModel.objects.filter(active=True).values_list("pk", "mac", "version").first()
    if row is None:
        return None
    pk, mac, version = row
    if _cached is None or _cached[:2] != (pk, mac):
        _cached = pk, mac, load(SuggestionModel.objects.get(pk=pk))
    return version, _cached[2]


def suggest(text: str, *, most: int = 3) -> Advice:
    """Return what ``text`` (French, any spelling) may be about, for a person to choose from.

    Never raises for a missing or refused model: the pages that ask must work without it.
    """
    if not text.strip() or not is_on():
        return Advice()
    try:
        found = _in_use()
    except (ForgedModel, ValueError):
        log.exception("the suggestion model in use is refused")
        return Advice()
    if found is None:
        return Advice()
    version, model = found
    return _advice(version, model.read(text, most=most))


def _advice(version: int, reading: Reading) -> Advice:
    codes = [guess.category for guess in reading.guesses]
    known = {c.code: c for c in Category.objects.filter(code__in=codes, active=True)}
    proposals = tuple(
        Proposal(known[g.category], str(CONFIDENCE[g.confidence]), g.probability)
        for g in reading.guesses
        if g.category in known
    )
    urgency = proposals[0].category.urgency if proposals else ""
    if reading.danger:
        urgency = Urgency.U0.value
    return Advice(proposals, urgency, reading.danger, reading.heard, version)


def record_choice(*, text: str, advice: Advice, chosen: str, now: datetime, claim=None) -> None:
    """Record what a person chose after ``advice``, to measure; only a digest of the text is kept.

    The same text under the same version counts once, with the last choice. An empty advice is
    not recorded.
    """
    if not advice.version:
        return
    Suggestion.objects.update_or_create(
        digest=salted_hmac(SALT, normalise(text), algorithm="sha256").hexdigest(),
        version=advice.version,
        defaults={
            "claim": claim,
            "guesses": [[p.category.code, round(p.probability, 3)] for p in advice.proposals],
            "chosen": chosen,
            "at": now,
        },
    )
