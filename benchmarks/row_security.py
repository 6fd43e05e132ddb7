"""Measure what the row-level policies cost: processor time of the main pages, with and without.

`python -m benchmarks.row_security [CLAIMS …] [--rounds N] [--statements]` on a database of its own
for each size (2,500 claims, as the demo, and 20,000 by default), and its copy without policies.
Counts the processor time of this process and of its PostgreSQL session. Each page is asked of both,
one right after the other and in changing order; the ratio is the median over these pairs, printed
with its interval, since a busy machine hits both alike. Exits with 1 when a page takes over 5 %
more. `--statements` prints the statements that cost the most instead.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from benchmarks.statement_costs import Heard
    from portal.database.base import DatabaseWrapper

MOST = 1.05
SIZES = (2_500, 20_000)
ROUNDS, WARM = 120, 8
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

    connection.ensure_connection()
    return time.process_time(), _session(connection.connection.info.backend_pid)


@contextmanager
def _two_databases() -> Iterator[dict[bool, "DatabaseWrapper"]]:
    """Give a connection to the database with its policies, and one to a copy without them.

    The second tells no scope either. Each keeps its session and what that has cached.
    """
    from django.db import connections

    from portal.database.readers import guarded_tables

    with_them = connections["default"]
    name = f"{with_them.settings_dict['NAME']}_open"
    quote = with_them.ops.quote_name
    with_them.close()
    with with_them._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {quote(name)} WITH (FORCE)")
        cursor.execute(
            f"CREATE DATABASE {quote(name)} TEMPLATE {quote(with_them.settings_dict['NAME'])}"
        )
    without = with_them.copy()
    without.settings_dict["NAME"] = name
    owner = without.of_owner()
    with owner.cursor() as cursor:
        for table in sorted(guarded_tables()):
            cursor.execute(f"ALTER TABLE {quote(table)} DISABLE ROW LEVEL SECURITY")
        cursor.execute("ANALYZE")
    owner.close()
    without.tell = lambda sql: ""
    with without.cursor() as cursor:
        # What reads a claim whole answers nobody without a scope, policies or not.
        cursor.execute("SET palier.scope = 'system'")
    try:
        yield {True: with_them, False: without}
    finally:
        connections["default"] = with_them
        without.close()
        with with_them._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {quote(name)} WITH (FORCE)")


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
    from django.db import connections

    pages = _pages(landlord)
    spent: dict = {name: {True: [], False: []} for name in pages}
    with _two_databases() as lines:
        for turn in range(rounds + WARM):
            for name, (client, path) in pages.items():
                for on in (turn % 2 == 0, turn % 2 == 1):
                    connections["default"] = lines[on]
                    before = _spent()
                    status = client.get(path).status_code
                    after = _spent()
                    if status != 200:
                        raise RuntimeError(f"{path} answered {status}")
                    if turn >= WARM:
                        spent[name][on].append([b - a for a, b in zip(before, after, strict=True)])
    print(
        f"{'page':<15}{'without':>10}{'with':>10}{'Python':>18}{'PostgreSQL':>18}{'ratio':>8}"
        f"{'95 %':>14}"
    )
    return all([_row(name, times) for name, times in spent.items()])


def _row(name: str, times: dict) -> bool:
    """Print one page; return whether it is within the limit."""
    ratios = sorted(sum(w) / sum(o) for o, w in zip(times[False], times[True], strict=True))
    without, with_them = (
        [statistics.median(part) * 1e3 for part in zip(*times[on], strict=True)]
        for on in (False, True)
    )
    ratio = statistics.median(ratios)
    # Between which two of the ratios their true median lies.
    apart = 0.98 * len(ratios) ** 0.5
    middle = (len(ratios) - 1) / 2
    low, high = (
        ratios[max(0, int(middle - apart))],
        ratios[min(len(ratios) - 1, int(middle + apart) + 1)],
    )
    print(
        f"{name:<15}{sum(without):>7.1f} ms{sum(with_them):>7.1f} ms"
        f"{without[0]:>7.1f} →{with_them[0]:>6.1f} ms{without[1]:>7.1f} →{with_them[1]:>6.1f} ms"
        f"{ratio:>8.3f}{low:>7.3f}–{high:.3f}"
    )
    return ratio <= MOST


def explain_pages(landlord, most: int = 12) -> None:
    """Print, for each page, its statements by how much more planning and execution cost."""
    from django.db import connections

    from benchmarks.statement_costs import heard, is_guarded_read

    with _two_databases() as lines:
        for name, (client, path) in _pages(landlord).items():
            client.get(path)
            with heard() as found:
                client.get(path)
            asked = [statement for statement in found if is_guarded_read(statement)]
            costs: dict[bool, list] = {}
            for on in (False, True):
                connections["default"] = lines[on]
                costs[on] = [_cost(statement) for statement in asked]
            rows = [
                (sum(with_them) - sum(without), without, with_them, one.scope, one.sql)
                for without, with_them, one in zip(costs[False], costs[True], asked, strict=True)
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


def _cost(statement: "Heard") -> tuple[float, float]:
    """Return the milliseconds that planning and running the statement take, each at its best."""
    from benchmarks.statement_costs import explain

    costs = [cost for _ in range(4) for cost in explain([statement]) if cost]
    return min(cost.planning for cost in costs), min(cost.execution for cost in costs)


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
                explain_pages(landlord)
            else:
                good &= measure(landlord, given.rounds)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
