"""What one answer costs: processor time of this process and of its process of PostgreSQL.

Read by both sides, so it imports nothing of either.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def of_process(pid: int) -> float:
    """Return the seconds of processor that a process of this machine has used."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError as error:
        raise SystemExit("The server must be on this machine, and the machine a Linux.") from error


def of(run: Callable[[], Any], backend: int) -> dict[str, float]:
    """Run once; return milliseconds: processor of Python and of PostgreSQL, and the wall clock."""
    python, database, began = time.process_time(), of_process(backend), time.perf_counter()
    run()
    return {
        "python": (time.process_time() - python) * 1e3,
        "database": (of_process(backend) - database) * 1e3,
        "wall": (time.perf_counter() - began) * 1e3,
    }
