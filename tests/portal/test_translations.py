"""French is complete: no source string without its French text, and .mo as new as .po."""

import gettext
import re
from pathlib import Path

from django.conf import settings

from tests.portal.catalogue import PO, entries, french


def test_every_string_has_french():
    assert [e["msgid"] for e in entries() if not all(french(e))] == []


def test_the_compiled_catalogue_is_current():
    with PO.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    stale = []
    for entry in entries():
        context, message = entry.get("msgctxt"), entry["msgid"]
        if plural := entry.get("msgid_plural"):
            got = [compiled.ngettext(message, plural, number) for number in (1, 2)]
        elif context:
            got = [compiled.pgettext(context, message)]
        else:
            got = [compiled.gettext(message)]
        if got != french(entry):
            stale.append(message)
    assert stale == []


def test_french_punctuation_is_spaced():
    texts = [text for entry in entries() for text in french(entry)]
    bad = [t for t in texts if re.search(r"[^\s\u00a0\u202f(][?!;»]| [:;?!»]", t)]
    assert bad == []


def test_texts_are_marked_by_names_that_are_collected():
    """Under another name than ``_`` a text is not collected, and its French is dropped."""
    other = re.compile(r"\b\w*gettext\w* as (?!_\b)\w+")
    rooms = ("portal", "agencies", "tenants", "requests")
    found = [
        f"{path.name}: {match}"
        for room in rooms
        for path in (Path(settings.BASE_DIR) / room).rglob("*.py")
        for match in other.findall(path.read_text())
    ]
    assert found == []


def test_a_french_singular_says_its_number_because_it_is_also_zero():
    """« 0 demande »: French uses the singular for none, so it may not say « une demande »."""
    never_none = {"last month"}
    found = [
        entry["msgid"]
        for entry in entries()
        if "msgid_plural" in entry
        and entry["msgid"] not in never_none
        and "%(" in entry["msgstr[1]"]
        and "%(" not in entry["msgstr[0]"]
    ]
    assert found == []
