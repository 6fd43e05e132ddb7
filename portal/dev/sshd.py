"""Find or install OpenSSH's server, to which the tests put files by SFTP.

`python -m portal.dev.sshd` is a step of `make test`, like that of the pooler (pgbouncer.py).
"""

import shutil
import sys

from portal.dev import pgbouncer

MISSING = (
    "OpenSSH's server is missing: the tests of tests/portal/test_sftp_storage.py are skipped. "
    "Debian, Ubuntu: apt-get install openssh-server. Fedora: dnf install openssh-server."
)


def find() -> str | None:
    """Return the path of the server; None without it or without the client."""
    if shutil.which("sftp") is None or shutil.which("ssh-keygen") is None:
        return None
    return shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")


def main() -> int:
    """Always succeed: without a server its tests say why they are skipped."""
    if find() is None and pgbouncer.may_install():
        pgbouncer.install("openssh-server")
        pgbouncer.install("openssh-client")
    if find() is None:
        print(MISSING, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
