"""How a text names a unit: alone, with its article, and after "of"."""

from agencies import unit_names
from agencies.models import Unit


def unit_words(unit: Unit | None, language: str) -> dict[str, str]:
    """Return how texts in ``language`` name a unit: alone, with its article, and after "of"."""
    if unit is None:
        return {"where": "", "the_where": "", "of_where": ""}
    names = unit.name, unit.article, language
    return {
        "where": unit.name,
        "the_where": unit_names.the(*names),
        "of_where": unit_names.of(*names),
    }
