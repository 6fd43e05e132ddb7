"""What people chose after a guess: the first, one of the three, or something else."""

from requests.suggestions.models import Suggestion


def choices_by_version() -> dict[int, dict[str, int]]:
    """Return for each version: ``first``, ``among`` (second or third) and ``other``, in numbers."""
    found: dict[int, dict[str, int]] = {}
    for version, guesses, chosen in Suggestion.objects.values_list(
        "version", "guesses", "chosen"
    ).iterator():
        counts = found.setdefault(version, {"first": 0, "among": 0, "other": 0})
        codes = [code for code, _probability in guesses]
        place = "other" if chosen not in codes else "first" if codes[0] == chosen else "among"
        counts[place] += 1
    return found
