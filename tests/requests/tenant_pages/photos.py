"""A photo as a browser sends it."""

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def photo() -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (64, 48), "red").save(out, "JPEG")
    return SimpleUploadedFile("évier.jpg", out.getvalue())
