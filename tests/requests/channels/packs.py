"""Write what mail programs pack: TNEF, compressed RTF, CMS, uuencode; from the specifications.

Independent of the readers under test: [MS-OXTNEF], [MS-OXRTFCP], RFC 5652, POSIX uuencode.
"""

import binascii
import struct
from datetime import UTC, datetime, timedelta
from io import BytesIO

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from PIL import Image

MAGIC = struct.pack("<I", 0x223E9F78)


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **how) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **how)
    return out.getvalue()


def attribute(level: int, number: int, value: bytes) -> bytes:
    head = struct.pack("<BII", level, number, len(value))
    return head + value + struct.pack("<H", sum(value) & 0xFFFF)


def unicode_property(number: int, text: str) -> bytes:
    value = text.encode("utf-16-le") + b"\0\0"
    return variable(0x1F, number, value)


def variable(kind: int, number: int, value: bytes) -> bytes:
    head = struct.pack("<HHII", kind, number, 1, len(value))
    return head + value + b"\0" * (-len(value) % 4)


def long_property(number: int, value: int) -> bytes:
    return struct.pack("<HHI", 3, number, value)


def named_property(text: str) -> bytes:
    """A property known by a name, as Outlook adds for its own fields; readers must step over it."""
    name = "Keywords".encode("utf-16-le") + b"\0\0"
    head = struct.pack("<HH", 0x1F, 0x8001) + b"\x29\x03\x02\0" * 4
    head += struct.pack("<II", 1, len(name)) + name + b"\0" * (-len(name) % 4)
    value = text.encode("utf-16-le") + b"\0\0"
    return head + struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4)


def properties(*found: bytes) -> bytes:
    return struct.pack("<I", len(found)) + b"".join(found)


def attached(name: str, data: bytes) -> bytes:
    """An attachment as Outlook writes it: a short name, the bytes, and the long name beside."""
    return (
        attribute(2, 0x00069002, b"\0" * 14)
        + attribute(2, 0x00018010, b"PHOTO~1.JPG\0")
        + attribute(2, 0x0006800F, data)
        + attribute(2, 0x00069005, properties(unicode_property(0x3707, name)))
    )


def attached_message(name: str, inner: bytes) -> bytes:
    """A message attached to a message: an object that is itself a pack."""
    data = b"\x07\x03\x02\0" + b"\0" * 8 + b"\xc0\0\0\x46" + inner
    value = properties(variable(0x0D, 0x3701, data), unicode_property(0x3001, name))
    return attribute(2, 0x00069002, b"\0" * 14) + attribute(2, 0x00069005, value)


def winmail(*attributes: bytes, message: bytes = b"") -> bytes:
    page = attribute(1, 0x00069007, struct.pack("<II", 1252, 0))
    props = attribute(1, 0x00069003, message) if message else b""
    return MAGIC + b"\x01\x00" + page + props + b"".join(attributes)


def compressed(rtf: bytes) -> bytes:
    """A compressed stream of literals only, which any reader must take."""
    body = b"".join(b"\0" + rtf[n : n + 8] for n in range(0, len(rtf), 8))
    body += b"" if len(rtf) % 8 else b"\0"
    return struct.pack("<II4sI", len(body) + 12, len(rtf), b"LZFu", 0) + body


def uuencoded(name: str, data: bytes) -> str:
    lines = [binascii.b2a_uu(data[n : n + 45]).decode() for n in range(0, len(data), 45)]
    return f"begin 644 {name}\n{''.join(lines)}`\nend\n"


def signed(content: bytes) -> bytes:
    """An opaque signature in DER by a certificate of the moment."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Awa")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(made, key, hashes.SHA256())
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def in_pieces(content: bytes, size: int = 100) -> bytes:
    """The same in BER, lengths not said and the content in pieces, as streams are written."""
    pieces = b"".join(
        b"\x04\x82" + struct.pack(">H", len(content[n : n + size])) + content[n : n + size]
        for n in range(0, len(content), size)
    )
    octets = b"\x24\x80" + pieces + b"\0\0"
    inside = b"\x06\x09" + bytes.fromhex("2a864886f70d010701") + b"\xa0\x80" + octets + b"\0\0"
    data = b"\x02\x01\x01\x31\x00" + b"\x30\x80" + inside + b"\0\0" + b"\x31\x00"
    number = b"\x06\x09" + bytes.fromhex("2a864886f70d010702")
    return b"\x30\x80" + number + b"\xa0\x80" + b"\x30\x80" + data + b"\0\0" * 3


def enveloped() -> bytes:
    number = b"\x06\x09" + bytes.fromhex("2a864886f70d010703")
    return b"\x30\x80" + number + b"\xa0\x80\x30\x80\x02\x01\x00" + b"\0\0" * 3
