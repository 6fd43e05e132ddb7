"""The files that go into an envelope with a letter: a PDF's pages, and each photo on a sheet."""

from io import BytesIO

from pypdf import PageObject, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
)

from portal.file_types import MEDIA_TYPES, FileType
from requests.attachments.models import Attachment

A4 = (595, 842)  # points
MARGIN = 57  # 20 mm


def sheets(file: Attachment) -> bytes | None:
    """Return ``file`` as a PDF; None for a kind that no printer takes, or one that is gone."""
    try:
        with file.file.open("rb") as stored:
            data = stored.read()
    except FileNotFoundError:
        return None
    if file.content_type == MEDIA_TYPES[FileType.PDF]:
        return data
    if file.content_type == MEDIA_TYPES[FileType.JPEG] and file.width and file.height:
        return photo_sheet(data, file.width, file.height)
    return None


def photo_sheet(jpeg: bytes, width: int, height: int) -> bytes:
    """Return one A4 page that shows a photo of ours, whose bytes are not decoded here."""
    scale = min((A4[0] - 2 * MARGIN) / width, (A4[1] - 2 * MARGIN) / height, 1.0)
    shown = (width * scale, height * scale)
    left, low = MARGIN, A4[1] - MARGIN - shown[1]
    picture = StreamObject()
    picture._data = jpeg
    picture.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): NumberObject(width),
            NameObject("/Height"): NumberObject(height),
            NameObject("/ColorSpace"): NameObject("/DeviceRGB"),
            NameObject("/BitsPerComponent"): NumberObject(8),
            NameObject("/Filter"): NameObject("/DCTDecode"),
        }
    )
    drawing = DecodedStreamObject()
    placed = f"q {shown[0]:.2f} 0 0 {shown[1]:.2f} {left} {low:.2f} cm /P Do Q"
    drawing.set_data(placed.encode())
    writer = PdfWriter()
    page = PageObject.create_blank_page(width=A4[0], height=A4[1])
    named = DictionaryObject({NameObject("/P"): writer._add_object(picture)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): named})
    page[NameObject("/Contents")] = ArrayObject([writer._add_object(drawing)])
    writer.add_page(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
