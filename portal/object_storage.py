"""Files in a private bucket of S3-compatible storage; loaded only where one is configured.

Nothing hands out an address of a file: our views read it and check who asks.
"""

import errno
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

IN_MEMORY = 2 * 1024 * 1024  # of a file that is being read; the rest is a temporary file
PROBE_SECONDS = 2
Answer = TypeVar("Answer")


class StorageAway(OSError):
    """The bucket does not answer, or refuses; callers treat it as a disk that fails."""


def _as_disk(method: Callable[..., Answer]) -> Callable[..., Answer]:
    """Raise StorageAway where the library raises its own errors, which nobody here knows."""

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Answer:
        try:
            return method(*args, **kwargs)
        except (BotoCoreError, ClientError) as error:
            raise StorageAway(errno.EIO, f"object storage: {type(error).__name__}") from error

    return call


class PrivateS3Storage(S3Storage):
    """A bucket that this portal alone reads: no address, nothing overwritten, a disk's errors."""

    def get_default_settings(self) -> dict[str, Any]:
        """Return the library's settings with ours, which options of STORAGES may replace."""
        return super().get_default_settings() | {
            "default_acl": None,  # the bucket's own, which is private
            "file_overwrite": False,
            "max_memory_size": IN_MEMORY,
            "signature_version": "s3v4",
            "client_config": Config(
                connect_timeout=3,
                read_timeout=20,
                retries={"max_attempts": 3, "mode": "standard"},
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                # Several servers do not know the checksums that the library adds by itself.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        }

    def url(self, *args: Any, **kwargs: Any) -> str:
        """Raise: whoever knew an address would need no leave."""
        raise NotImplementedError("Files have no address: serve them from a view that checks.")

    _open = _as_disk(S3Storage._open)
    _save = _as_disk(S3Storage._save)
    delete = _as_disk(S3Storage.delete)
    exists = _as_disk(S3Storage.exists)
    size = _as_disk(S3Storage.size)
    listdir = _as_disk(S3Storage.listdir)

    def answers(self) -> bool:
        """Return whether the bucket can be reached and read now; for health checks."""
        session = Session(aws_access_key_id=self.access_key, aws_secret_access_key=self.secret_key)
        once = Config(
            connect_timeout=PROBE_SECONDS,
            read_timeout=PROBE_SECONDS,
            retries={"max_attempts": 1, "mode": "standard"},
            s3={"addressing_style": "path"},
        )
        try:
            client = session.client(
                "s3", region_name=self.region_name, endpoint_url=self.endpoint_url, config=once
            )
            client.head_bucket(Bucket=self.bucket_name)
        except (BotoCoreError, ClientError):
            return False
        return True
