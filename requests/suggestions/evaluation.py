"""How good suggestions are: accuracy, calibration, danger. The same sums for every model."""

from collections.abc import Mapping, Sequence

import numpy as np

BINS = 10


def figures(
    classes: Sequence[str],
    probabilities: np.ndarray,
    truth: Sequence[str],
    families: Mapping[str, str],
) -> dict:
    """Return shares 0–1 of texts whose category or family is first, or among the first three."""
    order = np.argsort(-probabilities, axis=1)[:, :3]
    guessed = [[classes[i] for i in row] for row in order]
    columns = np.array([classes.index(t) if t in classes else -1 for t in truth])
    return {
        **ranks(guessed, truth, families),
        **calibration(probabilities, columns),
        "texts": len(truth),
    }


def ranks(
    guessed: Sequence[Sequence[str]], truth: Sequence[str], families: Mapping[str, str]
) -> dict:
    """Return top-1 and top-3 shares for ranked lists of codes (a list may be short or empty)."""
    pairs = list(zip(guessed, truth, strict=True))

    def share(hit) -> float:
        return round(float(np.mean([hit(g[:3], t) for g, t in pairs])), 4) if pairs else 0.0

    return {
        "top1": share(lambda g, t: g[:1] == [t]),
        "top3": share(lambda g, t: t in g),
        "family_top1": share(lambda g, t: bool(g) and families[g[0]] == families[t]),
        "family_top3": share(lambda g, t: families[t] in {families[c] for c in g}),
    }


def calibration(probabilities: np.ndarray, truth: np.ndarray) -> dict:
    """Return how far the first guess's probability is from how often it is right; ``truth``.

    Columns.

    ``ece`` is the expected calibration error over ten bins of equal width; ``reliability`` its
    table: lowest probability of the bin, texts, mean probability, share right.
    """
    first = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    table, error = [], 0.0
    bins = np.minimum((first * BINS).astype(int), BINS - 1)
    for b in range(BINS):
        inside = bins == b
        if inside.any():
            said, was = float(first[inside].mean()), float(right[inside].mean())
            error += abs(said - was) * float(inside.mean())
            table.append([b / BINS, int(inside.sum()), round(said, 3), round(was, 3)])
    return {"ece": round(error, 4), "reliability": table}


def recall_and_precision(said: np.ndarray, was: np.ndarray) -> tuple[float, float]:
    """Return the share of dangers found, and the share of alarms that were dangers.

    1.0 when none.
    """
    hits = int((said & was).sum())
    recall = hits / int(was.sum()) if was.any() else 1.0
    precision = hits / int(said.sum()) if said.any() else 1.0
    return round(recall, 4), round(precision, 4)
