"""Scanned letters."""

from django.core.files.uploadedfile import SimpleUploadedFile
from weasyprint import HTML


def written(*pages: str) -> bytes:
    """Return a PDF with one page per text."""
    parts = "".join(f"<p style='break-after:page'>{text}</p>" for text in pages)
    return HTML(string=parts).write_pdf()


def file(data: bytes, name="scan.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)
