"""Training is deterministic and slow: each corpus is learnt once for all tests that use it."""

import pytest

from requests.suggestions import actions as suggestions
from requests.suggestions import classifier

_learnt: dict = {}


@pytest.fixture(autouse=True)
def learnt_once(monkeypatch):
    """``train_model`` itself, with its answers kept by what it was asked."""

    def remembered(samples, families):
        key = tuple(samples), tuple(sorted(families.items()))
        if key not in _learnt:
            _learnt[key] = classifier.train_model(samples, families)
        return _learnt[key]

    monkeypatch.setattr(suggestions, "train_model", remembered)
