"""Measure what the row-level policies cost: processor time of the main pages, with and without.

`python -m benchmarks.row_security [CLAIMS …] [--rounds N] [--statements]` on a database of its own
for each size (2,500 claims, as the demo, and 20,000 by default). Counts the processor time of this
process and of its PostgreSQL session. The two take turns within a second, in changing order, and
the ratio is the median over the turns: a busy machine hits both alike. `noise` is the same ratio of
one half of the turns without policies over the other half. Exits with 1 when a page takes more than
5 % more. `--statements` prints the statements that cost the most instead.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import django

MOST = 1.05
SIZES = (2_500, 20_000)
ROUNDS, PAGES_A_ROUND = 60, 3
TICKS = os.sysconf("SC_CLK_TCK")


def _session(pid: int) -> float:
    """Return the seconds of processor that the session ``pid`` of PostgreSQL has taken."""
    schedule = Path(f"/proc/{pid}/schedstat")
    if schedule.exists():
        return int(schedule.read_text().split()[0]) / 1e9
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICKS


def _spent() -> tuple[float, float]:
    """Return the seconds of this process and of its session."""
    from django.db import connection

    return time.process_time(), _session(connection.connection.info.backend_pid)


@contextmanager
def _switches() -> Iterator[Callable[[bool], None]]:
    """Give a switch for the policies and the statement ahead of each statement; leave it on."""
    from django.db import connection

    from portal.database.base import DatabaseWrapper
    from portal.database.readers import guarded_tables

    tell, owner = DatabaseWrapper.tell, connection.of_owner()

    def switch(on: bool) -> None:
        word = "ENABLE" if on else "DISABLE"
        with owner.cursor() as cursor:
            for table in sorted(guarded_tables()):
                cursor.execute(f'ALTER TABLE "{table}" {word} ROW LEVEL SECURITY')
        DatabaseWrapper.tell = tell if on else lambda self, sql: ""

    try:
        yield switch
    finally:
        switch(True)
        owner.close()


def _pages(landlord) -> dict:
    from django.test import Client

    from portal.models import User
    from requests.claims.models import Claim

    agent, head = landlord.client("sonia"), landlord.client("helene")
    unit = User.objects.get(email="sonia@demo.palier.example").memberships.first().unit_id
    claims = Claim.objects.system("benchmark")
    one = claims.filter(residence__unit=unit, tenant__isnull=False).order_by("pk").first()
    lives = claims.filter(tenant__user__isnull=False).order_by("pk").first()
    tenant = Client()
    tenant.force_login(lives.tenant.user, backend="django.contrib.auth.backends.ModelBackend")
    return {
        "inbox, agency": (agent, "/agency/?view=all"),
        "inbox, search": (agent, "/agency/?view=all&q=fuite"),
        "claim page": (agent, f"/agency/{one.pk}/"),
        "inbox, all": (head, "/agency/?view=all"),
        "overview": (head, "/head-office/"),
        "/my/": (tenant, "/my/"),
        "/my/ claim": (tenant, f"/my/{lives.pk}/"),
    }


def measure(landlord, rounds: int) -> bool:
    """Print the table; return whether all pages are within the limit."""
    pages = _pages(landlord)
    spent: dict = {name: {True: [], False: []} for name in pages}
    with _switches() as switch:
        for turn in range(rounds):
            for on in (turn % 2 == 0, turn % 2 == 1):
                switch(on)
                for name, (client, path) in pages.items():
                    # Caches of plans and tables are filled again after the switch.
                    if (status := client.get(path).status_code) != 200:
                        raise RuntimeError(f"{path} answered {status}")
                    before = _spent()
                    for _ in range(PAGES_A_ROUND):
                        client.get(path)
                    after = _spent()
                    parts = [(b - a) / PAGES_A_ROUND for a, b in zip(before, after, strict=True)]
                    spent[name][on].append(parts)
    print(f"{'page':<15}{'without':>10}{'with':>10}{'of it SQL':>18}{'ratio':>8}{'noise':>8}")
    return all([_row(name, times) for name, times in spent.items()])


def _row(name: str, times: dict) -> bool:
    """Print one page; return whether it is within the limit."""
    ratios = [sum(w) / sum(o) for o, w in zip(times[False], times[True], strict=True)]
    off = [sum(parts) for parts in times[False]]
    without, with_them = (
        [statistics.median(part) for part in zip(*times[on], strict=True)] for on in (False, True)
    )
    noise = statistics.median(off[::2]) / statistics.median(off[1::2])
    ratio = statistics.median(ratios)
    print(
        f"{name:<15}{sum(without) * 1e3:>7.1f} ms{sum(with_them) * 1e3:>7.1f} ms"
        f"{without[1] * 1e3:>7.1f} →{with_them[1] * 1e3:>6.1f} ms{ratio:>8.3f}{noise:>8.3f}"
    )
    return ratio <= MOST


def explain(landlord, most: int = 12) -> None:
    """Print, for each page, its statements by how much more planning and execution cost."""
    with _switches() as switch:
        for name, (client, path) in _pages(landlord).items():
            client.get(path)
            with _heard() as asked:
                client.get(path)
            costs: dict[bool, list] = {}
            for on in (False, True):
                switch(on)
                costs[on] = [_cost(scope, sql) for scope, sql in asked]
            rows = [
                (sum(with_them) - sum(without), without, with_them, scope, sql)
                for without, with_them, (scope, sql) in zip(
                    costs[False], costs[True], asked, strict=True
                )
            ]
            print(f"\n{name}: {len(rows)} statements, {sum(row[0] for row in rows):.2f} ms more")
            for more, (plan, run), (plan_on, run_on), scope, sql in sorted(rows, reverse=True)[
                :most
            ]:
                who = "reader" if "'reader'" in scope else "system"
                print(
                    f"  {more:+.2f} ms  plan {plan:.2f} → {plan_on:.2f}, run {run:.2f} →"
                    f" {run_on:.2f}, {who}: {sql[:200]}"
                )


@contextmanager
def _heard() -> Iterator[list[tuple[str, str]]]:
    """Note each SELECT that names a personal table, with the scope that it was sent under."""
    from django.db import connection

    from portal.database import base, readers

    heard: list[tuple[str, str]] = []
    told = [base._SYSTEM]

    class Ear(base.ScopedCursor):
        def execute(self, sql, params=None):
            super().execute(sql, params)
            query = (self.query or b"").decode()
            scope, found, rest = (
                query.rpartition("true);") if query.startswith("SELECT set_") else ("", "", query)
            )
            if found:
                told[0] = scope + found
            if rest.startswith("SELECT") and any(p in rest for p in readers.prefixes()):
                heard.append((told[0], rest))

    connection.connection.cursor_factory = Ear
    try:
        yield heard
    finally:
        connection.connection.cursor_factory = base.ScopedCursor


def _cost(scope: str, sql: str) -> tuple[float, float]:
    """Return the milliseconds that planning and running the statement take, each at its best."""
    from django.db import connection

    line, found = connection.connection, []
    for _ in range(4):
        with line.cursor() as cursor:
            base_cursor = super(type(cursor), cursor)
            base_cursor.execute(
                f"BEGIN;{scope}EXPLAIN (ANALYZE, TIMING OFF, SUMMARY, FORMAT JSON) {sql}"
            )
            plan = cursor.fetchone()[0][0]
            base_cursor.execute("ROLLBACK")
        found.append((plan["Planning Time"], plan["Execution Time"]))
    return min(row[0] for row in found), min(row[1] for row in found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("claims", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--statements", action="store_true")
    given = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings.dev"
    django.setup()
    from benchmarks.world import scratch_database

    good = True
    for claims in given.claims:
        with scratch_database(claims) as landlord:
            if given.statements:
                explain(landlord)
            else:
                good &= measure(landlord, given.rounds)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
