"""Say that a form is done, so that the browser forgets what it kept of it.

A form with ``data-draft="key"`` keeps what is typed in the browser (static/js/palier.js). Only the
server knows that it was accepted: the page after it carries the key in ``data-draft-clear``.
"""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def done(request: HttpRequest, said: "StrOrPromise", *keys: str) -> None:
    """Say ``said`` on the next page, which clears the drafts under ``keys``."""
    messages.success(request, said, extra_tags=" ".join(keys))
