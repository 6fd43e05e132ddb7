"""The real PgBouncer in front of the embedded PostgreSQL, set up as docs/operations.md says."""

import configparser
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from portal.dev import pgbouncer
from portal.dev.embedded.system import postgres_account

DOCS = Path(__file__).resolve().parents[1] / "docs" / "operations.md"
# Before a test leads its connections to the pooler.
SERVER = {key: connection.settings_dict[key] for key in ("HOST", "PORT")}
needs_pgbouncer = pytest.mark.skipif(
    pgbouncer.find() is None, reason="PgBouncer is missing: apt-get install pgbouncer"
)


def documented() -> configparser.ConfigParser:
    """Return the configuration that operators are told to write."""
    found = re.search(r"```ini\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)
    assert found, "docs/operations.md shows no configuration"
    made = configparser.ConfigParser()
    made.read_string(found[1])
    return made


@contextmanager
def running(*, connections: int) -> Iterator[int]:
    """Run it with so many connections to PostgreSQL; give its port on 127.0.0.1."""
    account, user = postgres_account(), connection.settings_dict["USER"]
    folder = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = documented()
    del config["databases"]
    config["databases"] = {"*": f"host={SERVER['HOST']} port={SERVER['PORT'] or 5432}"}
    config["pgbouncer"].update(
        {
            "listen_addr": "127.0.0.1",
            "listen_port": str(port),
            "unix_socket_dir": "",
            "auth_type": "trust",
            "auth_file": str(folder / "users"),
            "default_pool_size": str(connections),
            "logfile": str(folder / "log"),
        }
    )
    names = (user, user.removesuffix("_app"))
    (folder / "users").write_text("".join(f'"{name}" ""\n' for name in names))
    with (folder / "ini").open("w") as file:
        config.write(file)
    if account:
        for path in (folder, *folder.iterdir()):
            os.chown(path, account.pw_uid, account.pw_gid)
    identity = {"user": account.pw_uid, "group": account.pw_gid} if account else {}
    program = pgbouncer.find()
    assert program
    process = subprocess.Popen(
        [program, "-q", str(folder / "ini")],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **identity,
    )
    try:
        limit = time.monotonic() + 60
        while True:
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < limit, "PgBouncer does not start"
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(folder)
