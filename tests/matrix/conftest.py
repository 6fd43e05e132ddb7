"""The world of the matrix, once per module."""

import io
import logging
from collections.abc import Iterator

import pytest
from django.template.loader import render_to_string
from django.test import override_settings
from pypdf import PdfWriter

from tests.matrix.world import World, built


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[World]:
    """The home and everybody around it, in a transaction that is rolled back."""
    changed = override_settings(
        MEDIA_ROOT=str(tmp_path_factory.mktemp("media")),
        # A session costs no query.
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        # What is kept is compared with what Django would send.
        PALIER_COMPILED="checked",
    )
    with changed, pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        # A refusal costs no line of pytest's log.
        patch.setattr(logging.getLogger("django.request"), "disabled", True)
        for name in ("GUESSES", "API_READS", "API_WRITES"):
            patch.setattr(f"portal.limits.{name}", 100_000)
        # Pages drawn as HTML: their words can be read, and no time goes into paper.
        patch.setattr("requests.kit.pdf.pdf", as_html)
        with built() as made:
            yield made


def as_html(template: str, context: dict, *, light: bool = False) -> bytes:
    """Return an empty PDF with the page, as HTML, attached to it."""
    made, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(595, 842)
    writer.add_attachment("page.html", render_to_string(template, context).encode())
    writer.write(made)
    return made.getvalue()
