"""Files put on a landlord's SFTP server by OpenSSH's own program; loaded only where one is set.

Why a program and not a library: no maintained client for Python has a permissive licence, and
OpenSSH is what every administrator knows, patches and audits (docs/reporting.md).
It is called without a shell, with a configuration of our own, a host key that is pinned, and a
private key as its only way to sign in.
"""

import errno
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import Storage

SECONDS = 120  # for one file; connecting alone may take 15
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:_-]*")
USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
HOST_KEY = re.compile(r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/=]+")
FOLDER = re.compile(r"/?[A-Za-z0-9][A-Za-z0-9._/-]*|/?")


class SftpAway(OSError):
    """The server does not answer, is not the one that we know, or refuses."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EIO, f"SFTP: {why}")


class SftpStorage(Storage):
    """A folder of an SFTP server: files are put there, never read back.

    ``host_keys``: the server's public keys, as ``ssh-keyscan`` prints them without the name;
    another key is refused. ``key_file``: our private key, without a passphrase. ``folder`` is made
    when it is missing. Raises ValueError of what no server can be called.
    """

    def __init__(
        self,
        *,
        host: str,
        user: str,
        key_file: str,
        host_keys: list[str],
        port: int = 22,
        folder: str = "",
    ) -> None:
        for value, shape in ((host, HOST), (user, USER), (folder, FOLDER)):
            if not shape.fullmatch(value) or ".." in value:
                raise ValueError(f"not a name for SFTP: {value!r}")
        if not host_keys or not all(HOST_KEY.fullmatch(key) for key in host_keys):
            raise ValueError("SFTP needs the server's public key, like ssh-ed25519 AAAA…")
        self.host, self.user, self.port = host, user, int(port)
        self.key_file, self.host_keys, self.folder = key_file, host_keys, folder.rstrip("/")

    def exists(self, name: str) -> bool:
        """Return False: a try that is made again writes the same file."""
        return False

    def _save(self, name: str, content: File) -> str:
        """Put a file: whole, or not under its name. Raises SftpAway."""
        if not NAME.fullmatch(name) or ".." in name:
            raise SftpAway(f"not a name of a file: {name!r}")
        with tempfile.TemporaryDirectory(prefix="palier-sftp-") as made:
            here = Path(made)
            with (here / "file").open("wb") as copy:
                shutil.copyfileobj(content, copy)
            self._run(here, self._steps(name, here / "file"))
        return name

    def _steps(self, name: str, source: Path) -> str:
        """Return the lines of a batch; one that begins with a hyphen may fail."""
        target = f"{self.folder}/{name}" if self.folder else name
        parts = target.split("/")[:-1]
        folders = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
        lines = [f'-mkdir "{folder}"' for folder in folders if folder]
        # Readers of the folder never see half a file. OpenSSH's servers rename over an older one;
        # of the others it is removed first.
        lines += [
            f'put "{source}" "{target}.part"',
            f'-rm "{target}"',
            f'rename "{target}.part" "{target}"',
        ]
        return "\n".join([*lines, "bye", ""])

    def _run(self, here: Path, steps: str) -> None:
        program = shutil.which("sftp")
        if program is None:
            raise SftpAway("the program sftp is missing (package openssh-client)")
        known, key = here / "known_hosts", here / "key"
        # A name of our own for the server: the pinned keys hold whatever port it listens on.
        known.write_text("".join(f"palier-sftp {line}\n" for line in self.host_keys))
        try:
            key.touch(mode=0o600)  # ssh refuses a key that others may read, as secrets often are
            key.write_bytes(Path(self.key_file).read_bytes())
        except OSError as error:
            raise SftpAway(f"the private key cannot be read: {error.strerror}") from error
        options = {
            "BatchMode": "yes",
            "StrictHostKeyChecking": "yes",
            "HostKeyAlias": "palier-sftp",
            "UserKnownHostsFile": known,
            "GlobalKnownHostsFile": "/dev/null",
            "IdentityFile": key,
            "IdentitiesOnly": "yes",
            "PreferredAuthentications": "publickey",
            "ForwardAgent": "no",
            "ConnectTimeout": 15,
            "ServerAliveInterval": 15,
        }
        command = [program, "-F", "/dev/null", "-P", str(self.port), "-b", "-"]
        for option, value in options.items():
            command += ["-o", f"{option}={value}"]
        place = f"[{self.host}]" if ":" in self.host else self.host
        try:
            done = subprocess.run(
                [*command, f"{self.user}@{place}"],
                input=steps,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=SECONDS,
                env={"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(here), "LC_ALL": "C"},
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise SftpAway(f"no end after {SECONDS} seconds") from error
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if line.strip(" @")]
            raise SftpAway(" ".join(said[-2:])[-160:] or f"ended with {done.returncode}")
