"""Spellings a slip away: a letter changed, added, dropped, or swapped with the next. Pure."""

# Below this many letters a slip makes another word; from LONG letters on there may be two.
SHORTEST, LONG = 4, 9


def distance(one: str, other: str) -> int:
    """Return letters changed, added, dropped or swapped with a neighbour (optimal alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, right in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def slips(word: str) -> int:
    """Return how many slips a typed word may have; none in a short word or in a number."""
    if len(word) < SHORTEST or any(c.isdigit() for c in word):
        return 0
    return 2 if len(word) >= LONG else 1


def is_near(typed: str, word: str) -> bool:
    """Return whether slips explain the difference between a typed word and ``word``.

    What is typed may be its beginning only, when it is long enough to tell.
    """
    allowed = slips(typed)
    if typed == word or not allowed:
        return word.startswith(typed)
    if abs(len(typed) - len(word)) <= allowed and distance(typed, word) <= allowed:
        return True
    begins = word[: len(typed)]
    return len(typed) > SHORTEST and len(word) > len(typed) and distance(typed, begins) <= allowed


def patterns(word: str) -> list[str]:
    """Return patterns for LIKE: texts with ``word``, or with a word that is one slip away.

    Each has three letters in a row or stands at the beginning of a word: without either an index
    of trigrams finds every row, and all of them are compared.
    """
    if not slips(word) or not word.isalnum():
        return []
    letters = range(len(word))
    found = {word}
    found |= {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in letters[:-1]}
    found |= {word[:i] + word[i + 1 :] for i in letters}
    found |= {f"{word[:i]}_{word[i + 1 :]}" for i in letters[1:-1]}
    found |= {f"{word[:i]}_{word[i:]}" for i in letters[1:]}
    # A letter changed at either end: the rest is enough, and is looked at again afterwards.
    placed = ((f"%{one}%",) if _has_trigram(one) else (f"{one}%", f"% {one}%") for one in found)
    return sorted(pattern for some in placed for pattern in some)


def _has_trigram(pattern: str) -> bool:
    return any(len(part) > 2 for part in pattern.split("_"))
