"""Find or install the Chromium that the browser tests drive, so that they are never skipped.

`python -m portal.dev.browser` is the first step of `make test`: it prints nothing when a browser is
there, installs one when it can, and otherwise ends with the command to type.
"""

import glob
import os
import shutil
import subprocess
import sys
from pathlib import Path

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The headless shell first: the same engine without a browser's own windows, a tenth quicker.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
)
PATHS = (
    "/usr/lib/chromium/chromium-headless-shell",
    "/usr/bin/chromium",
    "/usr/lib/chromium/chromium",
    "/snap/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
PLAYWRIGHT = (
    "chromium_headless_shell-*/*/*headless*shell",
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)


class BrowserMissing(RuntimeError):
    """No usable browser; the message says what to type."""


def _usable(path: str | None) -> bool:
    return path is not None and os.path.isfile(path) and os.access(path, os.X_OK)


def _playwright_folders() -> list[Path]:
    chosen = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if chosen and chosen != "0":
        return [Path(chosen)]
    home = Path(os.path.expanduser("~"))
    return [home / ".cache/ms-playwright", home / "Library/Caches/ms-playwright"]


def find() -> str:
    """Return the path of a browser. Raises BrowserMissing.

    CHROMIUM, when set, is the only candidate.
    """
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        if _usable(chosen):
            return chosen
        raise BrowserMissing(f"CHROMIUM is set to {chosen}, which is not an executable file.")
    for name in NAMES:
        if path := shutil.which(name):
            return path
    for path in PATHS:
        if _usable(path):
            return path
    for folder in _playwright_folders():
        for pattern in PLAYWRIGHT:
            for path in sorted(glob.glob(str(folder / pattern)), reverse=True):
                if _usable(path):
                    return path
    raise BrowserMissing("No Chromium found.")


def _run(command: list[str], timeout: int, **env: str) -> bool:
    print("  $", " ".join(command), flush=True)
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            timeout=timeout,
            env={**os.environ, **env},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  failed: {error}", flush=True)
        return False
    return done.returncode == 0


def install() -> None:
    """Try Playwright's download (with the libraries it needs), then the system's packages."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    shell = ["install", "--only-shell", "chromium"]
    if _run([sys.executable, "-m", "playwright", *shell], 600):
        try:
            if works(find()):
                return
        except BrowserMissing:
            pass
    if not shutil.which("apt-get"):
        return
    prefix = [] if root else ["sudo", "-n"]
    if prefix and not shutil.which("sudo"):
        return
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    _run([*prefix, "apt-get", "update"], 300, **quiet)
    # Ubuntu and older Debian have no package of the shell alone.
    for package in ("chromium-headless-shell", "chromium"):
        if _run([*prefix, "apt-get", "install", "-y", package], 900, **quiet):
            return


def works(path: str) -> bool:
    """Return whether it starts: a download without its system libraries does not."""
    try:
        return (
            subprocess.run(
                [path, "--version"],
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=30,
            ).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def main() -> int:
    try:
        if works(find()):
            return 0
    except BrowserMissing as missing:
        if os.environ.get("CHROMIUM"):
            print(missing, file=sys.stderr)
            return 1
    print("The tests need a browser; installing Chromium…", flush=True)
    install()
    try:
        if works(find()):
            return 0
    except BrowserMissing:
        pass
    print(
        "No working Chromium, and it could not be installed. Type one of:\n"
        "  sudo apt-get update && sudo apt-get install -y chromium\n"
        "  .venv/bin/python -m playwright install --with-deps chromium\n"
        "or set CHROMIUM=/path/to/chromium.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
