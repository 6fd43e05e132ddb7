"""Limit what a visitor can make the server write to disk before a view has looked at it."""

from io import BytesIO

from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import (
    FileUploadHandler,
    SkipFile,
    TemporaryFileUploadHandler,
)

from portal.access import Role

# Above the 12 MB that a tenant's file may have, so that the view still sees that it is too big.
VISITOR_BYTES = 12 * 1024 * 1024 + 1024 * 1024
VISITOR_FILES = 8
# Only head office imports files; a scanner's are smaller than this.
MEMBER_BYTES = 100 * 1024 * 1024
UNBOUNDED = frozenset({Role.HEAD_OFFICE})
# They send what visitors send: photos from a phone.
AS_VISITORS = frozenset({None, Role.CARETAKER, Role.CONTRACTOR})


class BoundedUploadHandler(FileUploadHandler):
    """First of the handlers: drops what a file holds beyond the limit of who sends it.

    The rest of the form still arrives, so nothing typed is lost; the form then says that the
    file is too large. Of a visitor's files the ninth and the following are left out.
    """

    chunk_size = 64 * 1024

    def new_file(self, *args, **kwargs) -> None:
        super().new_file(*args, **kwargs)
        membership = getattr(self.request, "membership", None)
        role = membership.role if membership else None
        self.most = VISITOR_BYTES if role in AS_VISITORS else MEMBER_BYTES
        if role in UNBOUNDED:
            self.most = 0
        self.files = getattr(self, "files", 0) + 1
        if role in AS_VISITORS and self.files > VISITOR_FILES:
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self.most and start > self.most:
            return None
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Return None: the next handlers keep the file."""
        return None


class RoomUploadHandler(TemporaryFileUploadHandler):
    """Django's handler of large files, for a disk that may be full: the words still arrive.

    A file that could not be written arrives empty, with ``no_room`` set.
    """

    def new_file(self, *args, **kwargs) -> None:
        self.no_room = False
        try:
            super().new_file(*args, **kwargs)
        except OSError:
            self.no_room = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.no_room:
            return
        try:
            super().receive_data_chunk(raw_data, start)
            self.file.flush()
        except OSError:
            self.no_room = True

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if not self.no_room:
            return super().file_complete(file_size)
        empty = InMemoryUploadedFile(
            BytesIO(), self.field_name, self.file_name, self.content_type, 0, self.charset
        )
        empty.no_room = True
        return empty
