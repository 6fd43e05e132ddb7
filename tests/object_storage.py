"""A real S3 server for tests: moto's, in the environment of the tools, which may use `requests`."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from botocore.exceptions import ClientError
from django.core.files.storage import default_storage
from django.test import override_settings

PYTHON = Path(__file__).resolve().parents[1] / ".palier" / "tools" / "bin" / "python"
SERVE = """
import sys, logging
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel("ERROR")
server = ThreadedMotoServer("127.0.0.1", int(sys.argv[1]), verbose=False)
server.start()
sys.stdin.read()
"""


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run the server until the end of the block; give its address."""
    assert PYTHON.exists(), "make .palier/tools/.installed installs what these tests need"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "moto.log").open("wb") as log:
        process = subprocess.Popen(
            [PYTHON, "-I", "-c", SERVE, str(port)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=folder,
        )
    try:
        limit = time.monotonic() + 60
        while True:
            assert process.poll() is None, (folder / "moto.log").read_text()
            assert time.monotonic() < limit, "moto does not start"
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def kept_in(address: str, name: str) -> Iterator[None]:
    """Keep the files of this block in a new bucket of that name."""
    options = {
        "bucket_name": name,
        "endpoint_url": address,
        "region_name": "eu-west-3",
        "access_key": "key",
        "secret_key": "secret",
    }
    storages = {
        "default": {"BACKEND": "portal.object_storage.PrivateS3Storage", "OPTIONS": options},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(STORAGES=storages):
        client = default_storage.connection.meta.client
        place = {"LocationConstraint": "eu-west-3"}
        try:
            client.head_bucket(Bucket=name)
        except ClientError:
            client.create_bucket(Bucket=name, CreateBucketConfiguration=place)
        yield


def objects() -> dict[str, bytes]:
    """Every object of the bucket, by name."""
    return {one.key: one.get()["Body"].read() for one in default_storage.bucket.objects.all()}
