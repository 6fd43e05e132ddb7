"""Limit what a visitor can make the server write to disk before a view has looked at it."""

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

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
