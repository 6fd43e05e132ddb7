"""Measure Palier at the size of real landlords, and write docs/performance.md (`make bench`).

Without more: 3,000 and 25,000 dwellings. The landlords are kept between runs, so the first run
takes minutes longer. `ARGS=--large` adds 400,000 dwellings (a million claims), `--huge` four
million (ten million claims); a run that was stopped goes on where it was.

`ARGS="limits"` measures what has a limit instead (statements of pages, weights, filing to routing,
rehearsal of a rule) and exits with 1 beyond one; `limits --quick` with 200 claims alone.
"""

import argparse
import os
import sys

import django


def _limits(*, quick: bool) -> int:
    from benchmarks import pages, rehearsal, routing, statements
    from benchmarks.table import Table
    from benchmarks.world import scratch_database

    table = Table()
    for claims in (200,) if quick else (200, 20_000):
        with scratch_database(claims) as landlord:
            statements.measure(table, landlord)
            if claims == 200:
                pages.measure(table, landlord)
                routing.measure(table, landlord)
            else:
                rehearsal.measure(table)
    if not quick:
        table.constant()
    return table.show()


def _figures(
    names: list[str], only: str, without: list[str], *, runs: int, load: bool, searches: int
) -> int:
    from benchmarks import landlords, measures, queries, report
    from benchmarks import load as http
    from benchmarks.operations import OPERATIONS

    wanted = [
        one
        for one in OPERATIONS
        if only in one.name and not any(word in one.name for word in without)
    ]
    left_out = [one.name for one in OPERATIONS if one not in wanted]
    for name in names:
        size = landlords.SIZES[name]
        answered: list[http.Answered] = []
        if load and not only:
            with landlords.landlord(size, travels=False):
                answered = http.measure()
            for one in answered:
                times = f"{one.median:.0f} ms, {one.p95:.0f} p95"
                print(f"{one.name:<36}{one.answers:>5} answers, {one.wrong} wrong, {times}")
        with landlords.landlord(size):
            print(f"\n{size.total:,} dwellings")
            found = measures.measure_all(wanted, runs=runs)
            if not only:
                asked = queries.measure(searches) if searches else []
                report.keep(size, found, answered, asked, left_out)
    if not only:
        print(f"\nWritten: {report.write()}")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=("figures", "limits"), default="figures")
    parser.add_argument("--large", action="store_true", help="400,000 dwellings as well")
    parser.add_argument("--huge", action="store_true", help="four million dwellings as well")
    parser.add_argument("--size", action="append", help="only this size: small, reference, …")
    parser.add_argument("--only", default="", help="only operations whose name holds this")
    parser.add_argument(
        "--without", action="append", default=[], help="no operation whose name holds this"
    )
    parser.add_argument("--runs", type=int, default=3, help="for the processor time of each")
    parser.add_argument("--no-load", action="store_true", help="nothing over HTTP")
    parser.add_argument("--searches", type=int, default=200, help="drawn from the rows; 0: none")
    parser.add_argument("--quick", action="store_true", help="limits: 200 claims only")
    given = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings.dev"
    django.setup()
    if given.what == "limits":
        return _limits(quick=given.quick)
    names = given.size or ["small", "reference"]
    names += ["large"] * given.large + ["huge"] * given.huge
    return _figures(
        names,
        given.only,
        given.without,
        runs=given.runs,
        load=not given.no_load,
        searches=given.searches,
    )


if __name__ == "__main__":
    sys.exit(main())
