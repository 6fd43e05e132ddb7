"""Find or install PgBouncer, the pooler in front of which the tests put the portal.

`python -m portal.dev.pgbouncer` is a step of `make test`. It prints nothing when the pooler is
there. Where it runs as root with apt-get, as continuous integration does, it installs it: on a
person's machine that would start a service, so there it only says what to type.
"""

import os
import shutil
import subprocess
import sys

PLACES = "/usr/sbin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin"
INSTALL = ("apt-get", "install", "-y", "--no-install-recommends")
MISSING = (
    "PgBouncer is missing: the tests of tests/portal/database/test_pooler.py are skipped. "
    "Debian, Ubuntu: apt-get install pgbouncer. Fedora: dnf install pgbouncer. "
    "macOS: brew install pgbouncer."
)


def find() -> str | None:
    """Return the path of the program; None without one."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path=PLACES)


def may_install() -> bool:
    """Return whether this is a machine to install on: root with apt-get, as in integration."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(package: str = "pgbouncer") -> None:
    """Install it by the system's packages."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (("apt-get", "update"), (*INSTALL, package)):
        print("  $", " ".join(command), flush=True)
        subprocess.run(command, stdin=subprocess.DEVNULL, env=env, timeout=600, check=False)


def main() -> int:
    """Always succeed: without a pooler its tests say why they are skipped."""
    if find() is None and may_install():
        install()
    if find() is None:
        print(MISSING, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
