"""Measure the suggestion model on unseen texts, beside keywords: ``-m benchmarks.suggestions``.

Cold start only: catalogue and phrases, no landlord's history; no database.
"""

import csv
import resource
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from requests.suggestions import cold_start, danger, evaluation
from requests.suggestions.baseline import Keywords
from requests.suggestions.classifier import Model, train_model

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "requests" / "catalogue" / "categories.csv"
HELD_OUT = ROOT / "tests" / "requests" / "suggestions" / "held_out.csv"


def rows(path: Path) -> list[SimpleNamespace]:
    """Return the lines of a CSV file, columns as attributes."""
    with path.open(encoding="utf-8", newline="") as file:
        return [SimpleNamespace(**row) for row in csv.DictReader(file)]


def compare() -> tuple[Model, dict, dict]:
    """Return the cold-start model, its figures on unseen texts, and those of the keywords."""
    catalogue = rows(CATALOGUE)
    families = {row.code: row.family for row in catalogue}
    urgencies = {row.code: row.urgency for row in catalogue}
    samples = cold_start.samples(catalogue)
    model, _crossed = train_model(samples, families)
    asked = rows(HELD_OUT)
    texts, truth = [r.text for r in asked], [r.category for r in asked]
    was = np.array([r.danger == "1" for r in asked])
    chances = model.probabilities(texts)
    words = np.array([bool(danger.find_words(text)) for text in texts])
    alone = model.danger_probabilities(texts) >= model.threshold
    first = [model.classes[i] for i in chances.argmax(axis=1)]
    ours = evaluation.figures(model.classes, chances, truth, families) | {
        "urgency": round(
            float(
                np.mean([urgencies[g] == urgencies[t] for g, t in zip(first, truth, strict=True)])
            ),
            4,
        ),
        "danger": evaluation.recall_and_precision(words | alone, was),
        "danger_words": evaluation.recall_and_precision(words, was),
        "danger_model": evaluation.recall_and_precision(alone, was),
        "dangers": int(was.sum()),
    }
    keywords = Keywords([(s.text, s.category) for s in samples if s.source != "calibration"])
    theirs = evaluation.ranks([keywords.guess(text) for text in texts], truth, families) | {
        "danger": evaluation.recall_and_precision(
            np.array([keywords.danger(text) for text in texts]), was
        )
    }
    return model, ours, theirs


def main() -> None:
    began = time.process_time()
    model, ours, theirs = compare()
    took = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = len(model.to_bytes()) / 1e6
    print(f"{ours['texts']} held-out texts, {ours['dangers']} of them dangers")
    print(f"trained and measured in {took:.1f} s of processor time, peak {peak:.0f} MB,")
    print(f"stored in {size:.1f} MB\n")
    print(f"{'':24}{'model':>8}{'keywords':>10}")
    for name in ("top1", "top3", "family_top1", "family_top3"):
        print(f"{name:24}{ours[name]:8.3f}{theirs[name]:10.3f}")
    for i, name in enumerate(("danger recall", "danger precision")):
        print(f"{name:24}{ours['danger'][i]:8.3f}{theirs['danger'][i]:10.3f}")
    print(f"{'urgency of top1':24}{ours['urgency']:8.3f}")
    print(f"\ndanger by words alone   recall, precision {ours['danger_words']}")
    print(f"danger by model alone   recall, precision {ours['danger_model']}")
    print(f"\nexpected calibration error {ours['ece']:.3f}")
    print("  from  texts  claimed  right")
    for start, texts, claimed, right in ours["reliability"]:
        print(f"  {start:.1f}   {texts:5d}   {claimed:6.3f}  {right:.3f}")


if __name__ == "__main__":
    main()
