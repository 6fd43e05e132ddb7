"""A text as hashed n-grams: nothing that was learnt can be read back as words.

Hashing needs no vocabulary, so that a stored model holds weights per bucket and no text at all.
"""

from collections.abc import Iterable

from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

from requests.suggestions.normalise import normalise, sound

# Buckets per kind of feature; 2^14 keeps the model under a few megabytes.
LETTERS = 2**14
WORDS = 2**13
# Little words carry the sense of « plus de », « dans », so none is dropped; weights tell.
_letters = HashingVectorizer(
    analyzer="char_wb", ngram_range=(2, 4), n_features=LETTERS, alternate_sign=False, norm="l2"
)
_words = HashingVectorizer(
    analyzer="word",
    token_pattern=r"[a-z]+",
    ngram_range=(1, 2),
    n_features=WORDS,
    alternate_sign=False,
    norm="l2",
)
WIDTH = LETTERS + 2 * WORDS


def counts(texts: Iterable[str]) -> csr_matrix:
    """One row a text: letters' n-grams, words, and words as they sound; blocks of equal weight."""
    plain = [normalise(text) for text in texts]
    heard = [" ".join(map(sound, text.split())) for text in plain]
    return hstack(
        [_letters.transform(plain), _words.transform(plain), _words.transform(heard)], format="csr"
    )


def weighted(rows: csr_matrix, rarity) -> csr_matrix:
    """``rows`` times each bucket's rarity (inverse document frequency), to length one."""
    return normalize(rows.multiply(rarity).tocsr())
