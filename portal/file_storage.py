"""Files of the storage: a folder of the disk, or a bucket (portal/object_storage.py)."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile


def bucket_answers() -> Callable[[], bool] | None:
    """Return what asks the bucket whether it answers; None where files are kept in a folder."""
    return getattr(default_storage, "answers", None)


@contextmanager
def local_copy(file: FieldFile) -> Iterator[Path]:
    """Give a path of the disk with what ``file`` holds, for libraries that want one."""
    try:
        path = Path(file.path)
    except NotImplementedError:
        with tempfile.NamedTemporaryFile(prefix="palier-") as copy, file.open("rb") as stored:
            shutil.copyfileobj(stored, copy)
            copy.flush()
            yield Path(copy.name)
        return
    yield path


def blocks(stream: IO[bytes], size: int = 1024 * 1024) -> Iterator[bytes]:
    """Yield what is left of a stream."""
    while block := stream.read(size):
        yield block
