"""Take the mail out of an opaque S/MIME signature (``smime.p7m``). Pure.

The signature is not checked: who wrote is never believed by it. Sources: RFC 8551, 3.5.2
(``application/pkcs7-mime``), RFC 5652, 5 (SignedData), X.690 (BER: senders that do not know the
length beforehand write it in pieces).
"""

SIGNED = bytes.fromhex("2a864886f70d010702")
ENVELOPED = bytes.fromhex("2a864886f70d010703")
AUTH_ENVELOPED = bytes.fromhex("2a864886f70d0109100117")
COMPRESSED = bytes.fromhex("2a864886f70d0109100109")
SEQUENCE, OCTETS, OID, EXPLICIT = 0x30, 0x04, 0x06, 0xA0
CONSTRUCTED = 0x20
DEEPEST = 32
MOST_PIECES = 100_000


class _Odd(ValueError):
    """These bytes are not BER, or not what they should be."""


def _head(data: bytes, at: int) -> tuple[int, int, int | None]:
    """Return tag, start and end of the element's content; the end is None when it is not said."""
    if at + 2 > len(data):
        raise _Odd
    tag, size = data[at], data[at + 1]
    at += 2
    if tag & 0x1F == 0x1F:
        raise _Odd  # a long tag: CMS has none
    if size == 0x80:
        return tag, at, None
    if size > 0x80:
        wide = size & 0x7F
        if wide > 6 or at + wide > len(data):
            raise _Odd
        size = int.from_bytes(data[at : at + wide], "big")
        at += wide
    # A length beyond the bytes that came: the mail was cut, and its beginning can be read.
    return tag, at, min(at + size, len(data))


def _end(data: bytes, at: int, depth: int = 0) -> int:
    """Return where the element at ``at`` ends."""
    tag, start, end = _head(data, at)
    if end is not None:
        return end
    if depth > DEEPEST or not tag & CONSTRUCTED:
        raise _Odd
    at = start
    while data[at : at + 2] != b"\0\0":
        at = _end(data, at, depth + 1)
    return at + 2


def _inside(data: bytes, at: int, wanted: int) -> int:
    """Return where the content of the element at ``at`` begins. Raises _Odd for another tag."""
    tag, start, _end_of = _head(data, at)
    if tag != wanted:
        raise _Odd
    return start


def _octets(data: bytes, at: int) -> bytes:
    """Return an octet string, joined when it came in pieces."""
    tag, start, end = _head(data, at)
    if tag == OCTETS and end is not None:
        return data[start:end]
    if tag != OCTETS | CONSTRUCTED:
        raise _Odd
    pieces: list[bytes] = []
    at, limit = start, len(data) if end is None else end
    while at < limit and data[at : at + 2] != b"\0\0" and len(pieces) < MOST_PIECES:
        kind, begin, stop = _head(data, at)
        if kind != OCTETS or stop is None:
            raise _Odd
        pieces.append(data[begin:stop])
        at = stop
    return b"".join(pieces)


def kind_of(data: bytes) -> bytes:
    """Return the content type of a CMS object, one of the numbers above; b"" for anything else."""
    try:
        at = _inside(data, 0, SEQUENCE)
        start = _inside(data, at, OID)
        return data[start : _end(data, at)]
    except (_Odd, IndexError):
        return b""


def is_encrypted(data: bytes) -> bool:
    return kind_of(data) in (ENVELOPED, AUTH_ENVELOPED)


def signed_content(data: bytes) -> bytes:
    """Return the mail that was signed; b"" when ``data`` is no signature with its content."""
    if kind_of(data) != SIGNED:
        return b""
    try:
        at = _end(data, _inside(data, 0, SEQUENCE))
        at = _inside(data, _inside(data, at, EXPLICIT), SEQUENCE)
        at = _end(data, at)  # the version
        at = _end(data, at)  # the digest algorithms
        at = _end(data, _inside(data, at, SEQUENCE))  # the content's type
        return _octets(data, _inside(data, at, EXPLICIT))
    except (_Odd, IndexError):
        return b""
