"""What ClamAV's daemon is asked, and what is made of its answers, whole or broken."""

import socket
import threading
from io import BytesIO

import pytest

from portal import antivirus, health
from tests import clamd


@pytest.fixture(scope="module")
def daemon():
    server = clamd.Server()
    yield server
    server.stop()


@pytest.fixture
def answering(settings):
    """Make a daemon that reads all, says what it is told to, and ends the connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(answer: bytes) -> None:
        taken, _address = listener.accept()
        taken.settimeout(0.3)
        try:
            while taken.recv(65_536):
                pass
        except TimeoutError:
            taken.sendall(answer)
        taken.close()

    def make(answer: bytes) -> None:
        settings.PALIER_CLAMAV = f"127.0.0.1:{listener.getsockname()[1]}"
        threading.Thread(target=serve, args=(answer,), daemon=True).start()

    yield make
    listener.close()


def test_a_file_is_sent_whole_in_chunks(settings, daemon):
    settings.PALIER_CLAMAV = f"tcp://{daemon.address}"
    data = bytes(range(256)) * 1500  # more than one chunk
    assert antivirus.find_virus(BytesIO(data)) == ""
    assert daemon.scanned[-1] == data
    assert antivirus.find_virus(BytesIO(data + clamd.SIGN)) == clamd.NAME
    assert antivirus.find_virus(BytesIO(b"")) == ""


def test_a_file_beyond_its_limit_is_not_scanned_rather_than_clean(settings, daemon):
    settings.PALIER_CLAMAV = daemon.address
    with pytest.raises(antivirus.NotScanned, match="size limit"):
        antivirus.find_virus(BytesIO(b"x" * (clamd.MOST + 1)))
    with pytest.raises((antivirus.NotScanned, antivirus.ScannerAway)):
        antivirus.find_virus(BytesIO(b"x" * (40 * clamd.MOST)))


@pytest.mark.parametrize("address", ["closed", "unix:///nowhere/clamd.ctl"])
def test_nobody_answers(settings, address):
    settings.PALIER_CLAMAV = clamd.closed_port() if address == "closed" else address
    assert not antivirus.is_up()
    with pytest.raises(antivirus.ScannerAway):
        antivirus.find_virus(BytesIO(b"x"))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", antivirus.ScannerAway),
        (b"stream: Can't allocate memory ERROR\0", antivirus.NotScanned),
        (b"stream: FOUND\0", antivirus.NotScanned),
        (b"stream: Name OK\0", antivirus.NotScanned),
        (b"OK\0", antivirus.NotScanned),
        (b"\xff\xfe\0", antivirus.NotScanned),
    ],
)
def test_no_broken_answer_passes_for_clean(answering, answer, error):
    answering(answer)
    with pytest.raises(error):
        antivirus.find_virus(BytesIO(b"x"))


def test_readyz_names_a_scanner_that_is_away(client, settings, daemon, db):
    def found() -> dict:
        return client.get("/readyz").json()

    settings.PALIER_CLAMAV = ""
    assert "antivirus" not in found()["checks"]
    settings.PALIER_CLAMAV = daemon.address
    assert found()["checks"]["antivirus"]["ok"]
    settings.PALIER_CLAMAV = clamd.closed_port()
    assert "antivirus" in found()["culprits"]
    assert [check.name for check in health.checks() if not check.ok][-1] == "antivirus"


@pytest.mark.skipif(
    clamd.program() is None, reason="clamd is missing: apt-get install clamav-daemon"
)
def test_the_real_daemon_finds_our_signature(settings, tmp_path):
    with clamd.real(tmp_path) as settings.PALIER_CLAMAV:
        assert antivirus.is_up()
        assert antivirus.find_virus(BytesIO(b"an honest file")) == ""
        found = antivirus.find_virus(BytesIO(b"letter " + clamd.SIGN))
        assert found.removesuffix(".UNOFFICIAL") == clamd.NAME
        with pytest.raises(antivirus.NotScanned, match="size limit"):
            antivirus.find_virus(BytesIO(b"x" * (clamd.MOST + 1)))
    assert not antivirus.is_up()
