"""A receipt and a photo, as staff attach them."""

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfWriter


def receipt(name="quittance.pdf", pages=2) -> SimpleUploadedFile:
    writer, out = PdfWriter(), BytesIO()
    for _number in range(pages):
        writer.add_blank_page(595, 842)
    writer.write(out)
    return SimpleUploadedFile(name, out.getvalue(), "application/pdf")


def photo(name="cave.jpg") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (80, 60), "red").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")
