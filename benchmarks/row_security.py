"""Measure what the row-level policies cost: processor time of the main pages, with and without.

`python -m benchmarks.row_security [CLAIMS]` on a database of its own. Counts the processor time of
this process and of its PostgreSQL session, in turns, so that a busy machine hits both alike. Exits
with 1 when a page takes more than 5 % more.
"""

import os
import statistics
import sys
import time
from pathlib import Path

import django

MOST = 1.05
ROUNDS, PAGES_A_ROUND = 31, 4
TICKS = os.sysconf("SC_CLK_TCK")


def _session(pid: int) -> float:
    """Return the seconds of processor that the session ``pid`` of PostgreSQL has taken."""
    schedule = Path(f"/proc/{pid}/schedstat")
    if schedule.exists():
        return int(schedule.read_text().split()[0]) / 1e9
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICKS


def _spent() -> float:
    from django.db import connection

    return time.process_time() + _session(connection.connection.info.backend_pid)


def _switch(on: bool) -> None:
    """Take the policies and the statement ahead of each statement away, or put them back."""
    from django.db import connection

    from portal.database.base import DatabaseWrapper
    from portal.database.readers import guarded_tables

    word = "ENABLE" if on else "DISABLE"
    owner = connection.of_owner()
    with owner.cursor() as cursor:
        for table in sorted(guarded_tables()):
            cursor.execute(f'ALTER TABLE "{table}" {word} ROW LEVEL SECURITY')
    owner.close()
    if on:
        DatabaseWrapper.tell = _switch.tell
    else:
        DatabaseWrapper.tell = lambda self, sql: ""


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


def measure(landlord) -> bool:
    """Print the table; return whether all pages are within the limit."""
    from portal.database.base import DatabaseWrapper

    _switch.tell = DatabaseWrapper.tell
    pages = _pages(landlord)
    spent: dict = {name: {True: [], False: []} for name in pages}
    for client, path in pages.values():
        if client.get(path).status_code != 200:
            raise RuntimeError(f"{path} answered {client.get(path).status_code}")
    for turn in range(2 * ROUNDS):
        on = turn % 2 == 0
        _switch(on)
        for name, (client, path) in pages.items():
            client.get(path)
            before = _spent()
            for _ in range(PAGES_A_ROUND):
                client.get(path)
            spent[name][on].append((_spent() - before) / PAGES_A_ROUND)
    _switch(True)
    good = True
    print(f"{'page':<16}{'without':>12}{'with':>12}{'ratio':>8}")
    for name, times in spent.items():
        without, with_them = statistics.median(times[False]), statistics.median(times[True])
        ratio = with_them / without
        good &= ratio <= MOST
        print(f"{name:<16}{without * 1e3:>9.2f} ms{with_them * 1e3:>9.2f} ms{ratio:>8.3f}")
    return good


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings.dev"
    django.setup()
    from benchmarks.world import scratch_database

    claims = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with scratch_database(claims) as landlord:
        return 0 if measure(landlord) else 1


if __name__ == "__main__":
    sys.exit(main())
