"""Time the rehearsal of a rule on a year of 100,000 claims: ``-m benchmarks.rehearsal``.

The demo landlord's claims are copied inside the database with their decisions, spread over the
months that the rehearsal reads. The rule touches every claim of a family, landlord's scope, so that
nothing is left out early.
"""

import resource
import sys
import time

from django.db import connection

from benchmarks.table import Table
from portal.database.owner import as_owner

CLAIMS = 100_000
LIMIT = 10.0  # seconds
DAYS = 350  # of the year tested, over which the copies are spread


def fill(claims: int = CLAIMS) -> None:
    """Copy claims and first decisions until there are ``claims``; triggers are disabled."""
    table, kept = "requests_claim", "requests_routingdecision"
    with as_owner(), connection.cursor() as cursor:
        # A table made of a query tells no scope by itself: it would be made of nothing.
        cursor.execute("SET palier.scope = 'system'")
        cursor.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name = %s",
            [table],
        )
        fresh = {
            "id": "made",
            "reference": "'B' || lpad(to_hex(n), 5, '0')",
            "token": "'bench-' || n",
            "key": "'bench-' || n",
            "filed_at": f"now() - n % {DAYS} * interval '1 day'",
            "ended_at": "NULL",
            "search": "''",  # its index would cost more than all the rest
        }
        names = [name for (name,) in cursor.fetchall()]
        values = [fresh.get(name, name) for name in names]
        cursor.execute(
            f"CREATE TEMP TABLE source AS SELECT c.*, d.desk_id, d.rule, d.rule_version, d.facts,"
            f" d.considered, row_number() OVER (ORDER BY c.id) AS place, count(*) OVER () AS total"
            f" FROM {table} c JOIN {kept} d ON d.claim_id = c.id"
        )
        cursor.execute(
            f"CREATE TEMP TABLE copies AS SELECT gen_random_uuid() AS made, n, source.*"
            f" FROM generate_series((SELECT count(*) FROM {table}) + 1, %s) n"
            f" JOIN source ON source.place = n %% source.total + 1",
            [claims],
        )
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM copies"
        )
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute(
            f"INSERT INTO {kept} (claim_id, desk_id, rule, rule_version, facts, considered, at)"
            f" SELECT made, desk_id, rule, rule_version,"
            # Each with facts of its own: equal ones would make the figure too low.
            f" facts || jsonb_build_object('residence', n), considered, now() FROM copies"
        )
        cursor.execute("ANALYZE")


def measure(table: Table) -> None:
    """Rehearse the widest rule of one family over twelve months, on ``CLAIMS`` claims."""
    from portal.clock import now
    from requests.claims.models import Claim
    from requests.routing.decision_models import RoutingDecision
    from requests.routing.rule_actions import run_rehearsal, save_rule

    fill()
    family = RoutingDecision.objects.values_list("facts__family", flat=True).first()
    rule = save_rule(
        rule=None,
        unit=None,
        name="bench",
        conditions={"family": [family]},
        outcome={"unit": "agency", "desk": "clientele"},
        by=None,
        now=now(),
    )
    began, worked = time.perf_counter(), time.process_time()
    result = run_rehearsal(rule=rule, now=now())
    spent, worked = time.perf_counter() - began, time.process_time() - worked
    claims = Claim.objects.system("bench").count()
    print(f"{result.read:,} claims read, {len(result.touched):,} touched by the rule")
    print(f"{worked:.1f} s of them processor time of the portal")
    table.add("rehearsal of one rule", claims, spent, LIMIT, "s")


def main() -> int:
    from benchmarks.world import scratch_database

    table = Table()
    with scratch_database(2_000):
        measure(table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB")
    return table.show()


if __name__ == "__main__":
    import os

    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings.dev"
    django.setup()
    sys.exit(main())
