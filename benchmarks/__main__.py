"""Measure the promised limits, print a table, exit with 1 beyond a limit (`make bench`).

Runs on a database of its own beside the demo's. `python -m benchmarks --quick` skips the large
landlord. Statements are counted, never timed; only the time from filing to routing is measured,
on real processes with nothing else to do.
"""

import argparse
import os
import sys

import django


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="200 claims only, no large landlord")
    given = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings.dev"
    django.setup()
    from benchmarks import pages, rehearsal, routing, statements
    from benchmarks.table import Table
    from benchmarks.world import scratch_database

    table = Table()
    for claims in (200,) if given.quick else (200, 20_000):
        with scratch_database(claims) as landlord:
            statements.measure(table, landlord)
            if claims == 200:
                pages.measure(table, landlord)
                routing.measure(table, landlord)
            else:
                rehearsal.measure(table)
    if not given.quick:
        table.constant()
    return table.show()


if __name__ == "__main__":
    sys.exit(main())
