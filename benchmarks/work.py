"""Measure what happens after "Send": ``python -m benchmarks.work [--whole]``.

On a copy of a landlord of 2,500 dwellings: what a filing costs until it is routed and told; what a
job costs beside a bare loop over rows; how memory stands while a backlog is drained; what pruning
costs; how many dead rows a transaction that stays open leaves; whether filings at a steady rate are
routed as they come. ``--whole`` takes ten minutes for each of the last two, and 10,000 jobs for the
backlog. Processor time and counts hold on a busy machine, delays do not. Kept for
docs/performance.md, which is written anew.
"""

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any

import django

NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"
PARTS = ("cost", "job", "backlog", "pruning", "bloat", "held")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.work",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; or all")
    parser.add_argument("--whole", action="store_true", help="ten minutes and 10,000 jobs")
    parser.add_argument("--dwellings", type=int, default=2_500, help="size of the landlord")
    given = parser.parse_args()
    if unknown := {*given.parts} - {*PARTS}:
        parser.error(f"no such part: {', '.join(unknown)}")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")
    django.setup()
    from celery import current_app
    from django.test.utils import override_settings

    from benchmarks import report, work_report
    from benchmarks.landlords import Size, scratch
    from benchmarks.work_costs import backlog, cost, job, pruning
    from benchmarks.work_load import bloat, broker, held

    current_app.conf.broker_url = broker()
    measures: dict[str, Callable[[], dict[str, Any]]] = {
        "cost": lambda: cost(200 if given.whole else 40),
        "job": lambda: job(2_000 if given.whole else 500),
        "backlog": lambda: backlog(10_000 if given.whole else 600),
        "pruning": lambda: pruning(10_000 if given.whole else 1_000),
        "bloat": lambda: bloat(600 if given.whole else 20),
        "held": lambda: held(600 if given.whole else 30),
    }
    size = Size(f"first{given.dwellings}", given.dwellings)
    with scratch(size, "work"), override_settings(EMAIL_BACKEND=NO_MAIL):
        for part in given.parts or PARTS:
            found = measures[part]()
            print("\n".join(work_report.tell(part, found)), flush=True)
            work_report.keep(part, found)
    if report.is_kept():
        print(f"\nWritten: {report.write()}")
    else:
        print("\nNot written: docs/performance.md needs a run of `make bench` in this clone.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
