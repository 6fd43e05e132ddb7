"""Rate limits in PostgreSQL: they hold when Redis is dead, and across all processes.

A sliding window of two counters per key: the estimate is the current window's count plus the
share of the previous one that still lies within the window. One row, one atomic upsert.
"""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_network

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from portal.models import Throttle

# A refused try is counted once above the limit and not further, so that a window which was
# hammered does not also fill the next one.
UPSERT = """
INSERT INTO portal_throttle AS t (scope, key, bucket, current, previous, last_at)
VALUES (%(scope)s, %(key)s, %(bucket)s, 1, 0, %(now)s)
ON CONFLICT (scope, key) DO UPDATE SET
    previous = CASE WHEN t.bucket >= excluded.bucket THEN t.previous
                    WHEN t.bucket = excluded.bucket - 1 THEN t.current ELSE 0 END,
    current = CASE WHEN t.bucket >= excluded.bucket THEN least(t.current, %(limit)s) + 1
                   ELSE 1 END,
    bucket = greatest(t.bucket, excluded.bucket),
    last_at = excluded.last_at
RETURNING current, previous
"""


def hit(scope: str, key: str, limit: int, window: timedelta, now: datetime) -> bool:
    """Count one try; True while at most ``limit`` tries fall within ``window``, else False.

    ``scope`` names the rule (at most 40 characters); ``key`` who is counted, of any length, kept
    as an HMAC only. Call it outside a transaction that may roll back, or the try is forgotten.
    """
    bucket, share = _place(window, now)
    values: dict[str, str | int | datetime] = {
        "scope": scope,
        "key": _digest(scope, key),
        "bucket": bucket,
        "limit": limit,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, values)
        current, previous = cursor.fetchone()
    return current + previous * share <= limit


def is_spent(scope: str, key: str, limit: int, window: timedelta, now: datetime) -> bool:
    """Return whether ``limit`` is used up, without counting: for rules that count failures only."""
    bucket, share = _place(window, now)
    row = Throttle.objects.filter(scope=scope, key=_digest(scope, key)).first()
    if row is None or row.bucket < bucket - 1:
        return False
    if row.bucket == bucket - 1:
        return row.current * share >= limit
    return row.current + row.previous * share >= limit


def forgive(scope: str, key: str) -> None:
    """Forget the tries of ``key``: the person has shown who they are."""
    Throttle.objects.filter(scope=scope, key=_digest(scope, key)).delete()


def forget(before: datetime) -> int:
    """Delete counters untouched since ``before``; returns how many."""
    return Throttle.objects.filter(last_at__lt=before).delete()[0]


def client(request: HttpRequest) -> str:
    """Return where a request comes from: an IPv4 address, or the /64 network of an IPv6 one.

    ``PALIER_PROXIES`` says how many proxies of ours add to ``X-Forwarded-For``; entries further
    left were written by the client and are never believed.
    """
    address = request.META.get("REMOTE_ADDR", "")
    hops = settings.PALIER_PROXIES
    if hops:
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")
        address = forwarded[-hops].strip() if len(forwarded) >= hops else address
    if address.count(":") > 1:
        try:
            plain = IPv6Address(address.split("%")[0])
        except ValueError:
            return address
        return str(plain.ipv4_mapped or ip_network((plain, 64), strict=False))
    return address


def _place(window: timedelta, now: datetime) -> tuple[int, float]:
    """Return the number of ``now``'s window, and the share of the one before still counted."""
    number, rest = divmod(now.timestamp(), window.total_seconds())
    return int(number), 1 - rest / window.total_seconds()


def _digest(scope: str, key: str) -> str:
    return salted_hmac(f"portal.throttle.{scope}", key, algorithm="sha256").hexdigest()
