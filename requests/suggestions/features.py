"""A text as hashed n-grams: nothing learnt can be read back as words.

Hashing needs no vocabulary, so that a stored model holds weights per bucket and no text at all.
Written here without the learning library: a web process answers with numpy and scipy alone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from zlib import crc32

import numpy as np
from scipy.sparse import csr_matrix, diags

from requests.suggestions.normalise import normalise, phonetic_key

# Buckets per kind of feature; 2^14 keeps the model under a few megabytes.
LETTERS = 2**14
WORDS = 2**13
WIDTH = LETTERS + 2 * WORDS
SHORTEST, LONGEST = 2, 4  # letters; chosen by cross-validation on phrases.csv


def _letters(words: list[str]) -> Iterator[str]:
    """Return runs of letters inside words, whose edges count as a letter."""
    for word in words:
        edged = f" {word} "
        for size in range(SHORTEST, LONGEST + 1):
            for start in range(max(1, len(edged) - size + 1)):
                yield edged[start : start + size]


def _pairs(words: list[str]) -> Iterator[str]:
    """Return words and neighbours; « plus de », « dans » carry sense, so none is dropped."""
    yield from words
    yield from (f"{a} {b}" for a, b in zip(words, words[1:], strict=False))


def _block(grams: Iterable[str], start: int, size: int) -> tuple[list[int], list[float]]:
    """Return buckets from ``start`` on and how often each occurs, scaled to length one."""
    met = Counter(start + crc32(gram.encode()) % size for gram in grams)
    length = sum(n * n for n in met.values()) ** 0.5
    return list(met), [n / length for n in met.values()]


def count_features(texts: Iterable[str]) -> csr_matrix:
    """Return one row a text: letter n-grams, words, and words by sound; blocks of equal weight."""
    columns, values, ends = [], [], [0]
    for text in texts:
        words = normalise(text).split()
        heard = [phonetic_key(word) for word in words]
        for grams, start, size in (
            (_letters(words), 0, LETTERS),
            (_pairs(words), LETTERS, WORDS),
            (_pairs(heard), LETTERS + WORDS, WORDS),
        ):
            buckets, numbers = _block(grams, start, size)
            columns += buckets
            values += numbers
        ends.append(len(columns))
    shape = (len(ends) - 1, WIDTH)
    rows = csr_matrix((np.array(values, dtype=np.float64), columns, ends), shape=shape)
    rows.sort_indices()
    return rows


def weigh(rows: csr_matrix, rarity) -> csr_matrix:
    """Return ``rows`` times each bucket's rarity (inverse document frequency), to length one."""
    heavy = rows.multiply(rarity).tocsr()
    length = np.sqrt(heavy.multiply(heavy).sum(axis=1).A1)
    return (diags(1 / np.maximum(length, 1e-12)) @ heavy).tocsr()
