"""Limit what a visitor can make the server write to disk before a view has looked at it."""

from django.core.files.uploadhandler import FileUploadHandler

# Above the 12 MB that a tenant's file may have, so that the view still sees that it is too big.
VISITOR_BYTES = 12 * 1024 * 1024 + 1024 * 1024


class BoundedUploadHandler(FileUploadHandler):
    """First of the handlers: drops what a visitor's file holds beyond ``VISITOR_BYTES``.

    The rest of the form still arrives, so nothing typed is lost; the form then says that the
    file is too large. Staff imports are not limited here.
    """

    chunk_size = 64 * 1024

    def new_file(self, *args, **kwargs) -> None:
        super().new_file(*args, **kwargs)
        self.bounded = not getattr(self.request, "membership", None)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self.bounded and start > VISITOR_BYTES:
            return None
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Return None: the next handlers keep the file."""
        return None
