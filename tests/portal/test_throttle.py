"""Rate limits: a sliding window in PostgreSQL, exact under concurrency, without readable keys."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from portal import throttle
from portal.clock import now
from portal.models import Throttle
from portal.tasks import tidy

HOUR = timedelta(hours=1)
START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def tries(count: int, at: datetime, key: str = "a") -> list[bool]:
    return [throttle.hit("test", key, 5, HOUR, at) for _ in range(count)]


@pytest.mark.django_db
def test_the_limit_is_the_last_one_allowed():
    assert tries(7, START) == [True] * 5 + [False] * 2
    assert tries(1, START, key="b") == [True]


@pytest.mark.django_db
def test_the_window_slides_and_hammering_does_not_fill_the_next_one():
    tries(50, START + timedelta(minutes=59))
    assert tries(1, START + timedelta(minutes=61)) == [False]
    assert tries(3, START + timedelta(minutes=90)) == [True, False, False]
    assert tries(5, START + timedelta(hours=3)) == [True] * 5


@pytest.mark.django_db
def test_spent_reads_without_counting():
    tries(4, START)
    assert not throttle.is_spent("test", "a", 5, HOUR, START)
    tries(1, START)
    assert throttle.is_spent("test", "a", 5, HOUR, START)
    assert throttle.is_spent("test", "a", 5, HOUR, START + HOUR)
    assert not throttle.is_spent("test", "a", 5, HOUR, START + timedelta(minutes=90))
    throttle.forgive("test", "a")
    assert not throttle.is_spent("test", "a", 5, HOUR, START)


@pytest.mark.django_db
def test_keys_cannot_be_read_back_and_old_rows_go():
    throttle.hit("login", "awa@example.test", 5, HOUR, START)
    assert "awa" not in str(Throttle.objects.values().get())
    assert throttle.forget(START) == 0
    assert throttle.forget(START + HOUR) == 1


@pytest.mark.django_db
def test_housekeeping_forgets_old_counters_only():
    throttle.hit("test", "old", 5, HOUR, START)
    throttle.hit("test", "new", 5, HOUR, now())
    tidy()
    assert Throttle.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_simultaneous_tries_are_all_counted():
    def one(_):
        try:
            return throttle.hit("test", "race", 10, HOUR, START)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(40))) == 10


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "6.6.6.6", "10.0.0.9"),
        (1, "6.6.6.6, 192.0.2.7", "192.0.2.7"),
        (1, "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        (2, "192.0.2.7", "10.0.0.9"),
    ],
)
def test_only_our_own_proxies_are_believed(rf, settings, proxies, forwarded, expected):
    settings.PALIER_PROXIES = proxies
    request = rf.get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="10.0.0.9")
    assert throttle.client(request) == expected
