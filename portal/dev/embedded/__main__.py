"""`python -m portal.dev.embedded [status|stop|destroy] [home]`; `watch` is for the watcher only."""

import sys
from pathlib import Path

from . import EmbeddedError, default_home, destroy, running, stop
from .holders import watcher


def main(arguments: list[str]) -> int:
    verb = arguments[0] if arguments else "status"
    home = Path(arguments[1]) if len(arguments) > 1 else default_home()
    try:
        if verb == "watch":
            watcher(home)
        elif verb == "stop":
            stop(home)
        elif verb == "destroy":
            destroy(home)
        elif verb == "status":
            print("running" if running(home) else "stopped")
        else:
            print(
                "usage: python -m portal.dev.embedded [status|stop|destroy] [home]",
                file=sys.stderr,
            )
            return 2
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
