"""Keys of the stock, as long as their columns allow."""

import hashlib


def fit(key: str, length: int) -> str:
    """Return ``key`` cut to ``length``, with a digest when cut so that two keys stay different."""
    return key if len(key) <= length else f"{key[: length - 9]}~{digest(key)}"


def digest(text: str) -> str:
    """Return eight characters that differ with the text."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:8]
