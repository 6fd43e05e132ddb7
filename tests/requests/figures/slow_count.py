"""Figures counted slowly, from raw events, by SQL that was written from their definitions alone.

It shares no line with requests/figures: the definitions on screen are its only source.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection

ABOUT = """
    SELECT c.id AS claim, coalesce(r.unit_id, d.unit_id, 0) AS unit,
        coalesce(u.time_zone, 'Europe/Paris') AS zone, c.filed_at, c.channel,
        coalesce(c.residence_id, 0) AS residence, coalesce(c.building_id, 0) AS building,
        f.code AS family
    FROM requests_claim c
    JOIN requests_category k ON k.id = c.category_id
    JOIN requests_family f ON f.id = k.family_id
    LEFT JOIN agencies_residence r ON r.id = c.residence_id
    LEFT JOIN agencies_desk d ON d.id = c.owner_id
    LEFT JOIN agencies_unit u ON u.id = coalesce(r.unit_id, d.unit_id)"""
STAFF = """e.role IN ('agent', 'agency_manager', 'call_taker', 'on_call', 'head_office',
    'caretaker', 'admin', 'dpo')"""
# Which returns came before each event: events with the same number lie between two returns.
EVENTS = """
    SELECT e.*, count(*) FILTER (WHERE e.name IN ('say_not_fixed', 'send_back', 'reopen')) OVER (
        PARTITION BY e.claim_id ORDER BY e.at, e.id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
        - (e.name IN ('say_not_fixed', 'send_back', 'reopen'))::int AS turn
    FROM requests_claimevent e WHERE e.undone_at IS NULL"""
LAST = """
    SELECT e.claim_id, e.turn, min(e.at) AS at
    FROM events e
    WHERE e.name IN ('report_done', 'answer', 'refuse')
        AND e.turn = (SELECT count(*) FROM events b WHERE b.claim_id = e.claim_id
            AND b.name IN ('say_not_fixed', 'send_back', 'reopen'))
    GROUP BY e.claim_id, e.turn"""
ASKED = """
    SELECT e.claim_id, e.turn, min(e.at) AS at,
        (SELECT w.name FROM events w WHERE w.claim_id = e.claim_id AND w.turn = e.turn
            AND w.name IN ('say_fixed', 'say_not_fixed', 'reopen')
            AND (w.at, w.id) > (SELECT a.at, a.id FROM events a WHERE a.claim_id = e.claim_id
                AND a.turn = e.turn AND a.name IN ('report_done', 'answer')
                ORDER BY a.at, a.id LIMIT 1)
            ORDER BY w.at, w.id LIMIT 1) AS word,
        EXISTS (SELECT FROM events s WHERE s.claim_id = e.claim_id AND s.turn = e.turn
            AND s.name = 'send_back') AS refused
    FROM events e WHERE e.name IN ('report_done', 'answer') GROUP BY e.claim_id, e.turn"""
BEFORE = """(SELECT {what} FROM events e WHERE e.claim_id = l.claim_id AND {staff}
    AND (e.at, e.id) <= (SELECT s.at, s.id FROM events s WHERE s.claim_id = l.claim_id
        AND s.turn = l.turn AND s.name IN ('report_done', 'answer', 'refuse')
        ORDER BY s.at, s.id LIMIT 1){more})"""
STEPS = BEFORE.format(what="count(*)", staff=STAFF, more="")
CORRECTED = BEFORE.format(
    what="count(*)",
    staff=STAFF,
    more=" AND e.name IN ('hand_over', 'reclassify', 'relocate')",
)
SPOKEN = BEFORE.format(
    what="count(*)",
    staff=STAFF,
    more=" AND e.name IN ('message_out', 'ask', 'answer', 'refuse', 'inform', 'called')",
)
# Measure -> SELECT of claim, instant, value.
COUNTED = {
    "received": "SELECT claim, filed_at, 0 FROM about",
    "settled": "SELECT l.claim_id, l.at, NULL::bigint FROM last l",  # days are computed below
    "fixed": "SELECT claim_id, at, 0 FROM asked WHERE word = 'say_fixed'",
    "not_fixed": "SELECT claim_id, at, 0 FROM asked WHERE word IN ('say_not_fixed', 'reopen')",
    "silent": "SELECT claim_id, at, 0 FROM asked WHERE word IS NULL AND NOT refused",
    "back": "SELECT claim_id, at, 0 FROM events"
    " WHERE name IN ('say_not_fixed', 'send_back', 'reopen')",
    "kept": "SELECT claim_id, due_at, 0 FROM pledges WHERE kept_at <= due_at",
    "broken": "SELECT claim_id, due_at, 0 FROM pledges WHERE (kept_at <= due_at) IS NOT TRUE"
    " AND (ended_at <= due_at) IS NOT TRUE",
    "person": f"SELECT l.claim_id, l.at, 0 FROM last l WHERE {SPOKEN} > 0",
    "accepted": "SELECT claim_id, at, 0 FROM events WHERE facts->'proposed'->>'kept' = 'true'",
    "changed": "SELECT claim_id, at, 0 FROM events WHERE facts->'proposed'->>'kept' = 'false'",
    "steps": f"SELECT l.claim_id, l.at, {STEPS} FROM last l",
    "corrected": f"SELECT l.claim_id, l.at, {CORRECTED} FROM last l WHERE {CORRECTED} > 0",
}
# Each is a table of its own for the time of a comparison: figures ask it again and again.
TABLES = {"about": ABOUT, "events": EVENTS, "last": LAST, "asked": ASKED}
SLOW = """
WITH pledges AS (SELECT p.* FROM requests_promise p JOIN about a ON a.claim = p.claim_id
        WHERE (p.due_at AT TIME ZONE a.zone)::date < (%s::timestamptz AT TIME ZONE a.zone)::date)
SELECT a.unit, a.family, a.channel, a.residence, a.building,
    (x.at AT TIME ZONE a.zone)::date AS day,
    coalesce(x.value, greatest(0,
        (x.at AT TIME ZONE a.zone)::date - (a.filed_at AT TIME ZONE a.zone)::date))::int,
    count(*)
FROM ({counted}) AS x(claim, at, value) JOIN about a ON a.claim = x.claim
GROUP BY 1, 2, 3, 4, 5, 6, 7"""


ORDERS = """
WITH orders AS (
    SELECT o.claim_id, o.contractor_id, coalesce(t.code, '') AS trade, a.unit,
        (o.sent_at AT TIME ZONE a.zone)::date AS sent,
        (o.done_at AT TIME ZONE a.zone)::date AS done,
        o.done_at
    FROM requests_workorder o JOIN about a ON a.claim = o.claim_id
    LEFT JOIN agencies_maintenancecontract m ON m.id = o.contract_id
    LEFT JOIN agencies_trade t ON t.id = m.trade_id
    WHERE o.sent_at IS NOT NULL AND o.done_at IS NOT NULL)
SELECT 'ordered', unit, contractor_id, trade, done, greatest(0, done - sent), count(*)
FROM orders GROUP BY 2, 3, 4, 5, 6
UNION ALL
SELECT 'returned', a.unit, o.contractor_id, o.trade, (e.at AT TIME ZONE a.zone)::date, 0, count(*)
FROM requests_claimevent e JOIN about a ON a.claim = e.claim_id
CROSS JOIN LATERAL (SELECT * FROM orders WHERE orders.claim_id = e.claim_id
    AND orders.done_at <= e.at ORDER BY orders.done_at DESC LIMIT 1) AS o
WHERE e.undone_at IS NULL AND e.name IN ('say_not_fixed', 'send_back', 'reopen')
GROUP BY 2, 3, 4, 5"""


@contextmanager
def tables() -> Iterator[None]:
    """Hold the events as they are now, with an index, for ``count`` and ``orders``."""
    with connection.cursor() as cursor:
        for name, sql in TABLES.items():
            cursor.execute(f"CREATE TEMP TABLE {name} AS {sql}")
            if name != "about":
                cursor.execute(f"CREATE INDEX ON {name} (claim_id)")
            cursor.execute(f"ANALYZE {name}")
        yield
        cursor.execute(f"DROP TABLE {', '.join(TABLES)}")


def orders() -> list[tuple]:
    """Return measure, unit, contractor, trade, local day, days and how many."""
    with connection.cursor() as cursor:
        cursor.execute(ORDERS)
        return cursor.fetchall()


def count(measure: str, now: datetime) -> list[tuple]:
    """Return unit, family, channel, residence, building, local day, value and how many."""
    with connection.cursor() as cursor:
        cursor.execute(SLOW.format(counted=COUNTED[measure]), [now])
        return cursor.fetchall()
