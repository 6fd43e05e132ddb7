"""A small calibrated linear model: learns in seconds, answers in milliseconds, stored as numbers.

Two linear classifiers, one over categories and one over families, add their scores: a family has
enough examples where a category has three. A temperature and a logistic curve, fitted on texts left
out of training, turn scores into calibrated probabilities. Danger is a third classifier.

Persons: the landlord's own texts pass through ``normalise.Anonymiser`` before they come here, and
what is stored are weights of hashed n-grams: no text, no word.

scikit-learn is imported only for training: a web process that only reads never loads it.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import expit, log_softmax, logit, softmax

from requests.suggestions import danger, features
from requests.suggestions.evaluation import calibration, ranks, recall_and_precision

FAMILY_SHARE = 0.5  # weight of the family's score, chosen by cross-validation on phrases.csv
FOLDS = 3
PROBABLE = 0.5
LEAST = 0.05  # a guess less likely than this is not worth reading
LEAST_FAMILIES = 3
FORMAT = 1
ALMOST = 1e-6
NEVER = -20.0  # the score of a category that a fold has not met
ARRAYS = ("rarity", "category", "category_0", "family", "family_0", "danger", "danger_0")


class NotAModel(ValueError):
    """The bytes are not a model of this format."""


@dataclass(frozen=True)
class Sample:
    """One text and what it was about.

    ``source``: ``catalogue`` is learnt from and not measured on (nobody writes like it);
    ``phrase`` and ``history`` are both, in turn; ``calibration`` is never learnt from.
    """

    text: str
    category: str
    danger: bool
    source: str = "phrase"


@dataclass(frozen=True)
class Guess:
    """A category with its probability (0–1) and the word for it: ``probable`` or ``possible``."""

    category: str
    probability: float

    @property
    def confidence(self) -> str:
        return "probable" if self.probability >= PROBABLE else "possible"


@dataclass(frozen=True)
class Reading:
    """What a text may be about. ``heard``: the words of danger, if any; they never decide alone."""

    guesses: tuple[Guess, ...] = ()
    danger: bool = False
    danger_probability: float = 0.0
    heard: tuple[str, ...] = ()


@dataclass
class Model:
    """Weights over hashed n-grams; ``families`` gives each class its family's column."""

    classes: list[str]
    columns: np.ndarray
    temperature: float
    curve: tuple[float, float]
    threshold: float
    weights: dict[str, np.ndarray] = field(repr=False)

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Return one row a text, one column a class; rows sum to 1."""
        return self._chances(self._scores(self._rows(texts)))

    def danger_probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Return the danger classifier's probability for each text, 0–1."""
        return self._danger(self._rows(texts))

    def read(self, text: str, most: int = 3) -> Reading:
        """Return the ``most`` likely categories and the danger found by model or word list.

        A text without any word gives an empty reading.
        """
        rows = self._rows([text])
        if not rows.nnz:
            return Reading()
        chances = self._chances(self._scores(rows))[0]
        best = np.argsort(-chances)[:most]
        likely = float(self._danger(rows)[0])
        heard = danger.find_words(text)
        return Reading(
            tuple(Guess(self.classes[i], float(chances[i])) for i in best if chances[i] >= LEAST),
            bool(heard) or likely >= self.threshold,
            likely,
            heard,
        )

    def to_bytes(self) -> bytes:
        """Write plain arrays only: they cannot contain code."""
        out = io.BytesIO()
        arrays: dict[str, Any] = {
            "format": np.array(FORMAT),
            "classes": np.array(self.classes),
            "columns": self.columns.astype(np.int32),
            "scalars": np.array([self.temperature, *self.curve, self.threshold]),
        }
        arrays |= {name: array.astype(np.float16) for name, array in self.weights.items()}
        np.savez_compressed(out, **arrays)
        return out.getvalue()

    @classmethod
    def from_bytes(cls, blob: bytes) -> "Model":
        """Read what ``to_bytes`` wrote. Raises NotAModel for any other bytes."""
        try:
            with np.load(io.BytesIO(blob), allow_pickle=False) as kept:
                if int(kept["format"]) != FORMAT or len(kept["rarity"]) != features.WIDTH:
                    raise NotAModel("another format")
                temperature, slope, level, threshold = map(float, kept["scalars"])
                return cls(
                    [str(c) for c in kept["classes"]],
                    kept["columns"],
                    temperature,
                    (slope, level),
                    threshold,
                    {name: kept[name].astype(np.float32) for name in ARRAYS},
                )
        except (OSError, KeyError, EOFError, ValueError) as error:
            raise NotAModel(str(error)) from error

    def _rows(self, texts: Sequence[str]):
        return features.weigh(features.count_features(texts), self.weights["rarity"])

    def _scores(self, rows) -> np.ndarray:
        w = self.weights
        by_family = rows @ w["family"].T + w["family_0"]
        by_category = rows @ w["category"].T + w["category_0"]
        return by_category + FAMILY_SHARE * by_family[:, self.columns]

    def _chances(self, scores) -> np.ndarray:
        return calibrate(softmax(self.temperature * scores, axis=1), self.curve)

    def _danger(self, rows) -> np.ndarray:
        return expit(rows @ self.weights["danger"] + self.weights["danger_0"])


def train_model(samples: Sequence[Sample], families: Mapping[str, str]) -> tuple[Model, dict]:
    """Return a model and its figures on texts left out in turn; ``families``: category -> family.

    Needs three families at least, and texts with and without danger, else ValueError.
    Deterministic.
    """
    from sklearn.model_selection import KFold

    learnt = [s for s in samples if s.source != "calibration"]
    counts = features.count_features([s.text for s in learnt])
    category = np.array([s.category for s in learnt])
    family = np.array([families[s.category] for s in learnt])
    alarm = np.array([s.danger for s in learnt])
    held = np.array([s.source != "catalogue" for s in learnt])
    if len(set(family)) < LEAST_FAMILIES:
        raise ValueError("too few families to learn from")
    classes = sorted(set(category))
    place = {code: i for i, code in enumerate(classes)}
    parts = []
    for _, out in KFold(FOLDS, shuffle=True, random_state=1).split(counts):
        out = out[held[out]]
        kept = np.setdiff1d(np.arange(len(learnt)), out)
        part = _fit(counts[kept], category[kept], family[kept], alarm[kept])
        rows = features.weigh(counts[out], part.weights["rarity"])
        scores = np.full((len(out), len(classes)), NEVER)
        scores[:, [place[c] for c in part.classes]] = part._scores(rows)
        parts.append((out, scores, part._danger(rows)))
    order, scores, likely = (np.concatenate(column) for column in zip(*parts, strict=True))
    truth = np.array([place[c] for c in category[order]])
    model = _fit(counts, category, family, alarm)
    model.temperature = _temperature(scores, truth)
    model.threshold = _threshold(likely, alarm[order])
    real, right = _unseen(model, samples, learnt, order, scores, truth)
    model.curve = _curve(real, right)
    said = np.array([bool(danger.find_words(learnt[i].text)) for i in order])
    said |= likely >= model.threshold
    recall, precision = recall_and_precision(said, alarm[order])
    measured = ranks(_first_three(classes, scores), category[order], families)
    measured |= {"texts": len(order), "danger_recall": recall, "danger_precision": precision}
    return model, measured | calibration(_cross_mended(real, right), right)


def _first_three(classes: list[str], scores: np.ndarray) -> list[list[str]]:
    return [[classes[i] for i in row[:3]] for row in np.argsort(-scores, axis=1)]


def _cross_mended(chances: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Calibrate each half with the curve fitted on the other, so that no text rates itself."""
    found = np.empty_like(chances)
    for half in (0, 1):
        found[half::2] = calibrate(
            chances[half::2], _curve(chances[1 - half :: 2], truth[1 - half :: 2])
        )
    return found


def _unseen(model: Model, samples, learnt, order, scores, truth) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities and truth of real texts: calibration texts, and history left out.

    Phrases are too few a category: one left out misses its class's only neighbour, so that they
    would make the model claim less than it knows. They are used when there is nothing else.
    """
    place = {code: i for i, code in enumerate(model.classes)}
    asked = [s for s in samples if s.source == "calibration" and s.category in place]
    real = np.array([learnt[i].source == "history" for i in order])
    if not asked and not real.any():
        real[:] = True
    found, right = [scores[real]], [truth[real]]
    if asked:
        found.append(model._scores(model._rows([s.text for s in asked])))
        right.append(np.array([place[s.category] for s in asked]))
    chances = softmax(model.temperature * np.concatenate(found), axis=1)
    return chances, np.concatenate(right)


def _fit(counts, category, family, alarm) -> Model:
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    present = (counts > 0).sum(axis=0).A1
    rarity = (np.log((1 + counts.shape[0]) / (1 + present)) + 1).astype(np.float32)
    rows = features.weigh(counts, rarity)
    by_category = LinearSVC(C=1.0, tol=0.1, random_state=1).fit(rows, category)
    by_family = LinearSVC(C=1.0, tol=0.1, random_state=1).fit(rows, family)
    alarms = LogisticRegression(C=30.0, solver="liblinear", class_weight="balanced").fit(
        rows, alarm
    )
    family_of = dict(zip(category, family, strict=True))
    place = {code: i for i, code in enumerate(by_family.classes_)}
    return Model(
        list(by_category.classes_),
        np.array([place[family_of[c]] for c in by_category.classes_]),
        1.0,
        (1.0, 0.0),
        0.5,
        {
            "rarity": rarity.astype(np.float32),
            "category": by_category.coef_.astype(np.float32),
            "category_0": by_category.intercept_.astype(np.float32),
            "family": by_family.coef_.astype(np.float32),
            "family_0": by_family.intercept_.astype(np.float32),
            "danger": alarms.coef_[0].astype(np.float32),
            "danger_0": alarms.intercept_[0].astype(np.float32),
        },
    )


def _temperature(scores: np.ndarray, truth: np.ndarray) -> float:
    """Return the factor on scores that makes the texts left out most likely."""

    from scipy.optimize import minimize_scalar

    def loss(factor: float) -> float:
        return -log_softmax(factor * scores, axis=1)[np.arange(len(truth)), truth].mean()

    return float(minimize_scalar(loss, bounds=(0.1, 30.0), method="bounded").x)


def calibrate(probabilities: np.ndarray, curve: tuple[float, float]) -> np.ndarray:
    """Calibrate the first guess by ``curve`` (on log odds); the others share the rest."""
    first = np.clip(probabilities.max(axis=1, keepdims=True), ALMOST, 1 - ALMOST)
    moved = expit(curve[0] * logit(first) + curve[1])
    return np.where(
        probabilities >= first - ALMOST, moved, probabilities * (1 - moved) / (1 - first)
    )


def _curve(probabilities: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Fit slope and level of how often a first guess is right, from its own probability."""
    right = probabilities.argmax(axis=1) == truth
    if right.all() or not right.any():
        return 1.0, 0.0
    from sklearn.linear_model import LogisticRegression

    claimed = logit(np.clip(probabilities.max(axis=1), ALMOST, 1 - ALMOST))
    fitted = LogisticRegression(C=1e3).fit(claimed[:, None], right)
    return max(0.01, float(fitted.coef_[0, 0])), float(fitted.intercept_[0])


def _threshold(likely: np.ndarray, alarm: np.ndarray) -> float:
    """Return the best threshold (F1) of the danger classifier; recall comes from the word list."""
    best, found = -1.0, 0.5
    for cut in np.linspace(0.05, 0.95, 91):
        recall, precision = recall_and_precision(likely >= cut, alarm)
        score = 2 * recall * precision / (precision + recall) if recall else 0.0
        if score > best:
            best, found = score, float(cut)
    return found
