"""Files of figures that are kept between runs, and what is said of each run: where and when."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from django.conf import settings

from tests.moments import real_now


def kept(name: str) -> Path:
    """Return the file of what was measured under ``name``; its folder is there."""
    folder = Path(settings.BASE_DIR) / ".palier" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.json"


def commit() -> str:
    """Return the commit that is measured, in short; "unknown" outside a clone."""
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def circumstances() -> dict[str, Any]:
    """Return when and where a run was, whatever clock this process shows, and how busy it was."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "at": real_now().isoformat(),
        "commit": commit(),
        "machine": {
            "cores": os.cpu_count(),
            "memory": round(memory),
            "system": f"{platform.system()} {platform.machine()}, "
            f"Python {platform.python_version()}",
            "load": round(os.getloadavg()[0], 1),
        },
    }


def told(run: dict[str, Any]) -> str:
    """Return one sentence without a stop: when and where the run was."""
    machine = run["machine"]
    return (
        f"{run['at'][:16].replace('T', ' ')} UTC, commit {run['commit']}; {machine['cores']} cores,"
        f" {machine['memory']} GB, {machine['system']}, load average {machine['load']} at the end"
    )
