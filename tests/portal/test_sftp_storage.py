"""Files on a real OpenSSH server: whole or not at all, a pinned host key, errors as a disk's."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from portal.dev import sshd
from portal.sftp_storage import SftpAway, SftpStorage

PROGRAM = sshd.find()
needs_server = pytest.mark.skipif(PROGRAM is None, reason=sshd.MISSING)


def new_key(path: Path) -> str:
    """Make a key without a passphrase; return its public line without the comment."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return " ".join(path.with_suffix(".pub").read_text().split()[:2])


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Start a server that lets only our key in; yield the options of a storage on it."""
    home = tmp_path_factory.mktemp("sshd")
    host_key, port = new_key(home / "host"), free_port()
    (home / "authorized").write_text(new_key(home / "ours"))
    (home / "files").mkdir()
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    (home / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {home}/host\nPidFile none\nUsePAM no\n"
        f"AuthorizedKeysFile {home}/authorized\nStrictModes no\nPermitRootLogin prohibit-password\n"
        f"PasswordAuthentication no\nSubsystem sftp internal-sftp -d {home}/files\n"
    )
    process = subprocess.Popen(
        [PROGRAM, "-D", "-e", "-f", str(home / "config")], stderr=subprocess.DEVNULL
    )
    for _try in range(1_200):
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield {
        "host": "127.0.0.1",
        "port": port,
        "user": pwd.getpwuid(os.geteuid()).pw_name,
        "key_file": str(home / "ours"),
        "host_keys": [host_key],
        "folder": "palier",
    }
    process.terminate()
    process.wait(60)


def files(options: dict) -> dict[str, bytes]:
    root = Path(options["key_file"]).parent / "files"
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@needs_server
def test_a_file_is_put_into_its_folders_and_written_over(server):
    storage = SftpStorage(**server)
    for text in (b"one", b"two"):
        assert storage.save("claims/2026-12-01.csv", ContentFile(text)) == "claims/2026-12-01.csv"
    assert files(server) == {"palier/claims/2026-12-01.csv": b"two"}


@needs_server
def test_another_server_gets_nothing(server, tmp_path):
    storage = SftpStorage(**server | {"host_keys": [new_key(tmp_path / "other")]})
    with pytest.raises(SftpAway, match="(?i)host key"):
        storage.save("secret.csv", ContentFile(b"x"))
    assert not any("secret" in name for name in files(server))


@needs_server
def test_another_key_is_refused_and_no_password_asked_for(server, tmp_path):
    new_key(tmp_path / "foreign")
    storage = SftpStorage(**server | {"key_file": str(tmp_path / "foreign")})
    with pytest.raises(SftpAway, match="(?i)permission denied|closed"):
        storage.save("secret.csv", ContentFile(b"x"))


@pytest.mark.skipif(shutil.which("sftp") is None, reason="without OpenSSH's client")
def test_a_server_that_is_away_is_a_disk_that_fails(tmp_path):
    (tmp_path / "key").write_text("x")
    storage = SftpStorage(
        host="127.0.0.1",
        port=free_port(),
        user="palier",
        key_file=str(tmp_path / "key"),
        host_keys=["ssh-ed25519 AAAA"],
    )
    with pytest.raises(OSError, match="SFTP"):
        storage.save("x.csv", ContentFile(b"x"))
    with pytest.raises(SftpAway, match="cannot be read"):
        SftpStorage(
            host="h", user="u", key_file="/nonexistent", host_keys=["ssh-ed25519 AAAA"]
        ).save("x.csv", ContentFile(b"x"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "-oProxyCommand=id"},
        {"host": "h;id"},
        {"user": "-x"},
        {"folder": "../etc"},
        {"folder": 'a"b'},
        {"host_keys": []},
        {"host_keys": ["ssh-ed25519 AAAA\n* ssh-rsa BBBB"]},
    ],
)
def test_nothing_else_becomes_a_part_of_the_command(wrong):
    right = {"host": "h", "user": "u", "key_file": "k", "host_keys": ["ssh-ed25519 AAAA"]}
    with pytest.raises(ValueError, match="SFTP"):
        SftpStorage(**right | wrong)


@pytest.mark.parametrize("name", ['a".csv', "a\nrm x", "-x", "a b"])
def test_no_name_of_a_file_is_a_command(name):
    storage = SftpStorage(host="h", user="u", key_file="k", host_keys=["ssh-ed25519 AAAA"])
    with pytest.raises(SftpAway, match="not a name"):
        storage._save(name, ContentFile(b"x"))
