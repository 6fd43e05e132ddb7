"""An agency with claims, and who looks at it from head office."""

from datetime import timedelta

import pytest

from portal.access import Role
from portal.clock import now
from requests.figures import upkeep
from tests.requests.figures.boards import OLD
from tests.requests.fixtures.desk import make_claim, make_unit, member


@pytest.fixture
def north():
    """Return an agency with three claims of ten days ago, all past their promise."""
    unit, desk, residence = make_unit("nord")
    for _number in range(3):
        make_claim(desk, residence, filed_at=now() - OLD, promise_at=now() - timedelta(hours=1))
    upkeep.refresh(now=now())
    return unit


@pytest.fixture
def head(client):
    siege = make_unit("siege", "head_office")[0]
    member(client, siege, Role.HEAD_OFFICE)
    return client
