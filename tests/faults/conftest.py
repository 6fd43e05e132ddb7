"""The stand as a fixture: a real worker, beat, broker and mail server on the test database."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.dev import supervisor
from tests.faults import nursery
from tests.faults.stand import Stand


@pytest.fixture
def rng(request) -> random.Random:
    """A random seed, said when the test fails so that it can be tried again."""
    seed = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
    print(f"FAULT_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def stand_type() -> type[Stand]:
    """The stand to start; a test module may name its own."""
    return Stand


@pytest.fixture(scope="session")
def stand_home(tmp_path_factory) -> Iterator[Path]:
    """A folder that the stands of this run have after each other, and so their nursery."""
    yield tmp_path_factory.mktemp("stand")
    nursery.finish_all()


@pytest.fixture
def stand(landlord, stand_home, monkeypatch, stand_type):
    # What dies comes back at once: waiting longer each time is tested with the supervisor.
    monkeypatch.setattr(supervisor, "FIRST_DELAY", 0.1)
    monkeypatch.setattr(supervisor, "STEADY", 0.0)
    made = stand_type(stand_home)
    try:
        made.start()
        yield made
    finally:
        made.finish()
