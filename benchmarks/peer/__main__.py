"""Measure Palier beside django-helpdesk (`make bench-peer`): same rows, same server, in turns.

Its environment is made once in .palier/bench (requirements/peer.txt) and is none of the portal's.
Its tickets are the claims of the landlord, its follow-ups their messages. Each operation is done by
one and by the other in turn; what counts is the processor time of both the Python process and its
process of PostgreSQL, without parallel workers. Writes docs/performance-peer.md.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
FILE = ROOT / "docs" / "performance-peer.md"
REQUIREMENTS = ROOT / "requirements" / "peer.txt"
ENVIRONMENT = ROOT / ".palier" / "bench" / "peer"
COMMON = "fuite"

QUEUES = """
SELECT d.id, left(u.name || ' · ' || d.name, 95) || ' ' || d.id, 'desk-' || d.id
FROM agencies_desk d JOIN agencies_unit u ON u.id = d.unit_id"""
TICKETS = """
SELECT row_number() OVER (ORDER BY c.filed_at, c.id), left(k.label_fr, 200), c.owner_id,
    c.filed_at, coalesce(c.ended_at, c.filed_at), nullif(c.contact_email, ''),
    CASE WHEN c.ended_at IS NULL THEN 1 ELSE 4 END, false,
    c.words || ' ' || c.contact_name, '', CASE c.urgency WHEN 'U1' THEN 1 WHEN 'U2' THEN 2 ELSE 3
    END, left(c.token, 36), CASE WHEN hashtext(c.id::text) % 100 = 0 THEN {user} END
FROM requests_claim c JOIN requests_category k ON k.id = c.category_id
WHERE c.owner_id IS NOT NULL"""
FOLLOW_UPS = """
SELECT t.id, m.at, 'Comment', m.text, true FROM requests_message m
JOIN (SELECT c.id AS claim, row_number() OVER (ORDER BY c.filed_at, c.id) AS id
    FROM requests_claim c WHERE c.owner_id IS NOT NULL) t ON t.claim = m.claim_id"""
INTO = {
    "helpdesk_ticket": "id, title, queue_id, created, modified, submitter_email, status, on_hold,"
    " description, resolution, priority, secret_key, assigned_to_id",
    "helpdesk_followup": "ticket_id, date, title, comment, public",
}


def python_of_peer() -> Path:
    """Return the Python of the peer's environment; make the environment unless it is there."""
    python = ENVIRONMENT / "bin" / "python"
    made = ENVIRONMENT / "made-from.txt"
    if not made.exists() or made.read_text() != REQUIREMENTS.read_text():
        print("Installing django-helpdesk into an environment of its own…", flush=True)
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", REQUIREMENTS], check=True)
        made.write_text(REQUIREMENTS.read_text())
    return python


class Peer:
    """The other product, in a process of its own with its own libraries."""

    def __init__(self, database: dict[str, Any]) -> None:
        env = {"PATH": os.environ["PATH"], "PEER_DATABASE": json.dumps(database)}
        self.process = subprocess.Popen(
            [python_of_peer(), HERE / "helpdesk_site.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=env,
            cwd=ENVIRONMENT,
        )

    def ask(self, **what: Any) -> dict[str, Any]:
        """Let it do something; return what it tells. Raises RuntimeError with its words."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        told = json.loads(self.process.stdout.readline() or '{"error": "it ended"}')
        if "error" in told:
            raise RuntimeError(told["error"])
        return told

    def close(self) -> None:
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait(timeout=60)


def copy_rows(source: Any, target: Any, table: str, sql: str) -> None:
    """Copy what ``sql`` finds in ``source`` into ``table`` of ``target``, through a pipe."""
    end, begin = os.pipe()

    def read() -> None:
        with os.fdopen(begin, "wb") as out:
            source.copy_expert(f"COPY ({sql}) TO STDOUT", out)

    reader = threading.Thread(target=read)
    reader.start()
    with os.fdopen(end, "rb") as rows:
        target.copy_expert(f"COPY {table} ({INTO[table]}) FROM STDIN", rows)
    reader.join()


def fill(name: str, source: Any, peer: Peer) -> None:
    """Write the peer's tables from the landlord, as many rows as Palier has."""
    from django.db import connection

    from benchmarks import landlords
    from tests import databases

    user = peer.ask(do="migrate")["user"]
    source.execute("SET palier.scope = 'system'")
    with databases.use(name):
        owner = connection.of_owner()
        with owner.cursor() as target:
            target.execute("SELECT count(*) FROM helpdesk_ticket")
            if target.fetchone()[0]:
                owner.close()
                return
            target.execute("BEGIN")
            source.execute(QUEUES)
            for row in source.fetchall():
                target.execute(
                    "INSERT INTO helpdesk_queue (id, title, slug, allow_public_submission,"
                    " allow_email_submission, enable_notifications_on_email_events, email_box_ssl)"
                    " VALUES (%s, %s, %s, true, false, false, false)",
                    row,
                )
            copy_rows(
                source.cursor, target.cursor, "helpdesk_ticket", TICKETS.format(user=int(user))
            )
            copy_rows(source.cursor, target.cursor, "helpdesk_followup", FOLLOW_UPS)
            target.execute(
                "SELECT setval(pg_get_serial_sequence('helpdesk_ticket', 'id'), max(id))"
                " FROM helpdesk_ticket"
            )
            target.execute("COMMIT")
        owner.close()
        landlords.tidy()


def _palier(house: Any) -> dict[str, Callable[[], Any]]:
    """Return what Palier does for each operation; create also routes, and all that is audited."""
    from urllib.parse import urlencode

    from django.db import transaction

    from benchmarks.house import api_filing
    from requests.routing.actions import route_claim

    def get(login: str, path: str) -> Callable[[], Any]:
        def run() -> None:
            answer = house.client(login).get(path)
            if answer.status_code != 200:
                raise RuntimeError(f"{path} answered {answer.status_code}")

        return run

    def create(*, routes: bool) -> Callable[[], Any]:
        def run() -> None:
            from portal.clock import now

            with transaction.atomic():
                answer = api_filing(house)
                if answer.status_code != 201:
                    raise RuntimeError(f"filing answered {answer.status_code}")
                if routes:
                    route_claim(claim_id=answer.json()["id"], now=now())
                transaction.set_rollback(True)

        return run

    def found(words: str) -> Callable[[], Any]:
        return get("helene", f"/agency/?{urlencode({'view': 'all', 'q': words})}")

    return {
        "create": create(routes=False),
        "create, and route it": create(routes=True),
        "open list": get("helene", "/agency/?view=todo"),
        "whole list": get("helene", "/agency/?view=all"),
        "one queue": get("sonia", f"/agency/?view=all&desk={house.desk}"),
        "search, common word": found(COMMON),
        "search, name": found(house.closed.tenant.last_name),
        "far page": get("helene", f"/agency/?view=all&from={house.middle_place_of_all}"),
        "dashboard": get("helene", "/head-office/"),
    }


def measure(name: str, rounds: int) -> tuple[dict[str, dict[str, list[dict]]], int]:
    """Return the runs of each operation by each side, and how many claims there are."""
    from django.conf import settings
    from django.db import connection
    from django.test.utils import override_settings

    from benchmarks import landlords
    from benchmarks.house import House
    from benchmarks.peer import costs
    from requests.claims.models import Claim
    from tests import databases

    size = landlords.SIZES[name]
    base = f"kept_{databases.BASE}_peer_{name}"
    with landlords.landlord(size):
        if landlords._notes(base) is None:
            databases.create(base, connection_limit=60)
        house = House()
        peer = Peer(owner(base))
        try:
            with connection.of_owner().cursor() as source:
                fill(base, source, peer)
            house.sign_in()
            number = Claim.objects.system("benchmark").count()
            ours = _palier(house)
            asked = {
                "queue": house.desk,
                "words": COMMON,
                "name": house.closed.tenant.last_name,
                "far": number // 2,
            }
            runs: dict[str, dict[str, list[dict]]] = {}
            no_limits = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_CLASSES": []}
            with override_settings(REST_FRAMEWORK=no_limits):
                for turn in range(rounds + 1):
                    for operation, run in ours.items():
                        one = runs.setdefault(operation, {"palier": [], "peer": []})
                        with connection.cursor() as cursor:
                            cursor.execute("SET max_parallel_workers_per_gather = 0")
                        backend = connection.connection.info.backend_pid
                        told = [costs.of(run, backend)]
                        other = operation.removesuffix(", and route it")
                        told.append(peer.ask(do="measure", name_of=other, **asked))
                        # The first turn warms.
                        if turn:
                            one["palier"].append(told[0])
                            one["peer"].append(told[1])
                            print(_line(operation, *told), flush=True)
        finally:
            peer.close()
    return runs, number


def owner(name: str) -> dict[str, Any]:
    """Return the settings by which the peer owns its database."""
    from django.db import connection

    line = connection.of_owner()
    known = line.settings_dict
    found = {key: known[key] for key in ("USER", "PASSWORD", "HOST", "PORT")}
    line.close()
    return found | {"NAME": name}


def _spent(one: dict) -> float:
    return one["python"] + one["database"]


def _line(name: str, palier: dict, peer: dict) -> str:
    return (
        f"{name:<24} Palier {palier['python']:>7.0f} + {palier['database']:>7.0f} ms"
        f"   helpdesk {peer['python']:>7.0f} + {peer['database']:>7.0f} ms"
        f"   {_spent(peer) / _spent(palier):>7.1f} ×"
    )


def report(runs: dict[str, dict[str, list[dict]]], number: int, name: str) -> None:
    """Keep the figures of this size and write the page of all sizes."""
    from benchmarks.results import circumstances, kept, told

    path = kept("peer")
    known = json.loads(path.read_text()) if path.exists() else {}
    known[name] = circumstances() | {"claims": number, "runs": runs}
    path.write_text(json.dumps(known))
    lines = [
        "# Beside django-helpdesk, as measured",
        "",
        "Written by `make bench-peer`: do not edit. django-helpdesk "
        + next(
            line.partition("==")[2]
            for line in REQUIREMENTS.read_text().splitlines()
            if line.startswith("django-helpdesk")
        )
        + " as its documentation installs it, with the claims of the landlord as its tickets and"
        " their messages as its follow-ups (no history, no audit, no policies), on the same"
        " PostgreSQL. Each operation is done by one and by the other in turn.",
        "",
        "*Python*, *database*: milliseconds of processor of the process that answers and of its"
        " process of PostgreSQL, the median of the turns; *×*: how often Palier does it in the"
        " processor time that the other takes once (from the least to the most of the turns)."
        " Lists of django-helpdesk are its page and the rows that its script asks for.",
        "",
    ]
    for size in known.values():
        lines += [
            f"## {size['claims']:,} claims",
            "",
            f"{told(size)}.",
            "",
            "| operation | Palier Python | database | django-helpdesk Python | database | × |",
            "|---|---:|---:|---:|---:|---:|",
        ]
        for operation, sides in size["runs"].items():
            ratios = [
                _spent(peer) / _spent(palier)
                for palier, peer in zip(sides["palier"], sides["peer"], strict=True)
            ]
            cells = [
                f"{statistics.median(one[kind] for one in sides[side]):,.0f}"
                for side in ("palier", "peer")
                for kind in ("python", "database")
            ]
            spread = f"{statistics.median(ratios):.1f} ({min(ratios):.1f}–{max(ratios):.1f})"
            lines.append("| " + " | ".join([operation, *cells, spread]) + " |")
        lines.append("")
    FILE.write_text("\n".join(lines))
    print(f"\nWritten: {FILE}")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make bench-peer",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--size", default="reference", help="small, reference, large")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings.dev"
    django.setup()
    runs, number = measure(given.size, given.rounds)
    report(runs, number, given.size)
    return 0


if __name__ == "__main__":
    sys.exit(main())
