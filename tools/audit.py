"""`make audit`: look for known vulnerabilities of the locked requirements with pip-audit.

Exits 1 when there are some. Where no vulnerability service can be reached it says that nothing
was looked at, and exits 0: being offline is no fault of the code.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements/app.txt", "requirements/dev.txt")
SERVICES = ("pypi", "osv")
# How pip-audit ends when it had no answer: an error of its own, or of the libraries below it.
NO_ANSWER = re.compile(
    r"ConnectionError|ServiceError|Could not connect|not redirecting|Timeout|MaxRetryError"
    r"|SSLError|ProxyError|JSONDecodeError|may be blocking"
)
Run = Callable[[list[str]], subprocess.CompletedProcess]


class Failed(Exception):
    """pip-audit itself did not work."""


@dataclass
class Found:
    """What one service said of one lock: how many it knows, and what it knows of them."""

    known: int = 0
    unknown: list[str] = field(default_factory=list)
    vulnerable: list[str] = field(default_factory=list)


def pip_audit(arguments: list[str]) -> subprocess.CompletedProcess:
    """Run the pip-audit of this environment; -P: its `requests` is the library, not our app."""
    command = [sys.executable, "-P", "-m", "pip_audit", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def look(lock: str, service: str, run: Run) -> Found | None:
    """Ask ``service`` about ``lock``; return None without an answer. Raises Failed.

    A service that knows none of the libraries gave no answer either: a mirror of PyPI without
    its vulnerability feed says 404 to each, and pip-audit then ends well.
    """
    arguments = ["--requirement", lock, "--require-hashes", "--disable-pip", "--format", "json"]
    ran = run([*arguments, "--progress-spinner", "off", "--vulnerability-service", service])
    try:
        rows = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        if NO_ANSWER.search(ran.stderr):
            return None
        raise Failed(
            ran.stderr.strip()[-2000:] or f"pip-audit ended with {ran.returncode}"
        ) from None
    found = Found()
    for row in rows:
        if "skip_reason" in row:
            found.unknown.append(row["name"])
            continue
        found.known += 1
        for vulnerability in row["vulns"]:
            fixed = ", ".join(vulnerability["fix_versions"]) or "nothing yet"
            line = f"{row['name']} {row['version']}: {vulnerability['id']}, fixed in {fixed}"
            found.vulnerable.append(line)
    return found if found.known else None


def main(run: Run = pip_audit) -> int:
    """Look at each lock with the first service that answers."""
    status = 0
    for lock in LOCKS:
        try:
            answers = (look(lock, service, run) for service in SERVICES)
            found = next((answer for answer in answers if answer), None)
        except Failed as error:
            print(f"{lock}: pip-audit failed.\n{error}", file=sys.stderr)
            return 2
        if found is None:
            print(
                f"WARNING: {lock} was NOT looked at. No vulnerability service answers "
                f"({', '.join(SERVICES)}): run `make audit` where one can be reached.",
                file=sys.stderr,
            )
            continue
        if found.unknown:
            print(f"WARNING: {lock}: not known there: {', '.join(found.unknown)}", file=sys.stderr)
        print(f"{lock}: {found.known} libraries, {len(found.vulnerable)} known vulnerabilities.")
        print("".join(f"  {line}\n" for line in sorted(found.vulnerable)), end="")
        status = max(status, bool(found.vulnerable))
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
