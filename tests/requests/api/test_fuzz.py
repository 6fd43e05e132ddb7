"""Whatever JSON arrives, the API answers 201 or says what is wrong: never a server error."""

import json
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FIELDS = [
    "category",
    "words",
    "dwelling",
    "staircase",
    "residence",
    "place_note",
    "tenant",
    "contact_name",
    "contact_email",
    "contact_phone",
    "language",
    "availability",
]
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**62)
    | st.floats(allow_nan=False)
    | st.text(st.characters(), max_size=40)
    | st.sampled_from(["PLO-03", "fr", "call", "\ud800", "a\0", "06 00 00 00 00", "a@b.example"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
right = {"category": "PLO-03", "contact_phone": "06 00 00 00 00"}
bodies = st.dictionaries(st.sampled_from(FIELDS), anything, max_size=4).flatmap(
    lambda changes: st.sampled_from([changes, {**right, **changes}])
)
# The database is shared by all examples of one test on purpose: only answers are looked at.
bounded = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def _many_calls(monkeypatch):
    monkeypatch.setattr("portal.limits.API_WRITES", 10_000)
    monkeypatch.setattr("portal.limits.API_READS", 10_000)


@bounded
@given(body=bodies)
def test_filing(agent, body):
    answer = agent.post("claims/", json.dumps(body), key=uuid.uuid4().hex)
    assert answer.status_code in {201, 400}, (answer.status_code, body)


@bounded
@given(body=st.binary(max_size=60) | st.text(max_size=60) | anything.map(json.dumps))
def test_bodies_that_are_none(agent, body):
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    assert agent.post("claims/", raw, key=uuid.uuid4().hex).status_code == 400


@bounded
@given(
    name=st.sampled_from(["state", "unit", "updated_since", "search", "after", "limit"]),
    value=st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
    | st.integers().map(str)
    | st.datetimes().map(str),
)
def test_parameters(agent, name, value):
    assert agent.get("claims/", **{name: value}).status_code in {200, 400}
