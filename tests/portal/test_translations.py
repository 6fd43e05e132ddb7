"""French is complete: no source string without its French text, and .mo as new as .po."""

import gettext
import re
from pathlib import Path

from django.conf import settings

PO = Path(settings.BASE_DIR) / "portal/locale/fr/LC_MESSAGES/django.po"
ENTRY = re.compile(r'^msgid ((?:"(?:[^"\\]|\\.)*"\n)+)msgstr ((?:"(?:[^"\\]|\\.)*"\n)+)', re.M)


def joined(block: str) -> str:
    raw = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', block))
    return raw.replace('\\"', '"').replace("\\n", "\n")


def entries() -> dict[str, str]:
    return {joined(m[1]): joined(m[2]) for m in ENTRY.finditer(PO.read_text() + "\n")}


def test_every_string_has_french():
    assert [i for i, text in entries().items() if i and not text] == []


def test_the_compiled_catalogue_is_current():
    with PO.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    stale = [i for i, text in entries().items() if i and compiled.gettext(i) != text]
    assert stale == []


def test_french_punctuation_is_spaced():
    texts = [text for i, text in entries().items() if i]
    bad = [t for t in texts if re.search(r"[^\s\u00a0\u202f(][?!;»]| [:;?!»]", t)]
    assert bad == []
