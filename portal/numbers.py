"""Numbers that people and browsers send as text."""

LARGEST = 2**31 - 1  # what an integer column holds


def number_of(text: object, default: int = 0) -> int:
    """Return the whole number that ``text`` writes in plain digits; ``default`` for all else.

    ``int`` alone takes "²" for a digit where ``isdigit`` does, and raises on 5,000 digits.
    """
    digits = str(text or "").strip()
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 10:
        return default
    number = int(digits)
    return number if number <= LARGEST else default
