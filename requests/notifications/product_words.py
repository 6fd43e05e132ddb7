"""The product's own texts, as a landlord who writes another beside them reads them."""

from requests.notifications import texts
from requests.notifications.events import source_text

# How a landlord's own text calls what the product's files name (requests/notifications/texts.py).
_LANDLORDS_NAMES = {
    **{"ref": "reference", "what": "category", "promise": "date", "visit": "date"},
    **dict.fromkeys(("where", "the_where", "of_where"), "unit"),
}


def product_text(event: str, channel: str, language: str) -> str:
    """Return the product's own words with the variables that a landlord's text may use.

    A line that names something else is left out; "" where the product has no such text.
    """
    try:
        source = source_text(event, channel, language)
    except LookupError:
        return ""
    lines = []
    for line in source.split("\n"):
        line = texts.NAME.sub(
            lambda found: f"{{{{ {_LANDLORDS_NAMES.get(found[1], found[1])} }}}}", line
        )
        if all(name in texts.VARIABLES for name in texts.NAME.findall(line)):
            lines.append(line)
    return "\n".join(lines).strip()
