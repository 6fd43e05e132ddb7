"""How much a packed file may unpack to: a bomb is refused before it fills memory."""

from zipfile import ZipFile

LARGEST = 1_000_000_000  # bytes
# A real export packs its text ten to thirty times; what packs it more is made to fill memory.
MOST_RATIO = 100
SMALL = 20_000_000  # bytes that may be packed at any ratio


def is_too_much(size: int, packed: int) -> bool:
    """Return whether ``packed`` bytes that unpack to ``size`` are refused."""
    return size > LARGEST or (size > SMALL and size > MOST_RATIO * packed)


def is_bomb(archive: ZipFile) -> bool:
    """Return whether the parts of a workbook together are refused, by what its index says."""
    parts = archive.infolist()
    size, packed = sum(p.file_size for p in parts), sum(p.compress_size for p in parts)
    return is_too_much(size, packed)
