"""How PostgreSQL is set: what every size needs, and memory by the machine.

docker-compose.yml gives the same settings of ``EVERYWHERE``; docs/operations.md, "PostgreSQL",
gives the reasons. Standard library only, and no Django.
"""

import os

EVERYWHERE = {
    # Compiling a plan costs more than the statements of a page take.
    "jit": "off",
    # Disks without moving parts: a page read by its key costs about what its neighbour costs.
    "random_page_cost": "1.1",
    # Every page of a day is written whole once per checkpoint: rarer checkpoints write less.
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    # A table of ten million rows is cleaned after half a million changes, not after two.
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_vacuum_insert_scale_factor": "0.05",
    "autovacuum_analyze_scale_factor": "0.02",
    "autovacuum_vacuum_cost_limit": "2000",
    "autovacuum_naptime": "15s",
}
MB = 2**20
LEAST, MOST = 128 * MB, 2048 * MB


def memory_of_machine() -> int:
    """Return the bytes of memory of this machine; a gigabyte where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 2**30


def memory(total: int) -> dict[str, str]:
    """Return the settings of memory for development on a machine with ``total`` bytes.

    A sixteenth is shared: a browser, an editor and other clones need the rest.
    """
    shared = min(max(total // 16, LEAST), MOST)
    return {
        "shared_buffers": f"{shared // MB}MB",
        "effective_cache_size": f"{max(total // 2, 2 * shared) // MB}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{min(max(total // 32, 64 * MB), 512 * MB) // MB}MB",
        "max_wal_size": "2GB",
    }
