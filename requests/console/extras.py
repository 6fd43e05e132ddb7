"""What some sections show beside their form: the preview of a text, the draft of a category."""

from typing import Any

from django.db import models
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect

from agencies.http_types import StaffRequest
from requests.catalogue.models import Category
from requests.channels.mailbox_models import Mailbox
from requests.console import drafts
from requests.console.models import CategoryDraft
from requests.console.sections import Section
from requests.notifications.previews import preview
from requests.notifications.product_words import product_text
from requests.notifications.text_models import MessageText


def beside_list(section: Section) -> str:
    """Return the template that stands beside the list of a section; "" for none."""
    return {"catalogue": "requests/console/_catalogue_file.html"}.get(section.slug, "")


def context(section: Section, row: models.Model | None, form: Any) -> dict[str, Any]:
    """Return what the template of a section needs beside the form."""
    if section.model is MessageText:
        return _text(form)
    if isinstance(row, Category):
        return {"draft": CategoryDraft.objects.select_related("by").filter(category=row).first()}
    return {}


def kept(request: StaffRequest, row: models.Model | None) -> QueryDict | None:
    """Return what the draft of a category typed, when the page is asked to show it."""
    if not isinstance(row, Category) or "draft" not in request.GET:
        return None
    found = CategoryDraft.objects.filter(category=row).first()
    return drafts.as_query(found.typed) if found else None


def _text(form: Any) -> dict[str, Any]:
    """Return the product's own words for what the form names, and a preview of the text."""
    names = ("event", "channel", "language")
    event, channel, language = chosen = [str(form[name].value() or "") for name in names]
    found: dict[str, Any] = {}
    # They name a file: what no list offers must not.
    if all(
        value in dict(form[name].field.choices) for name, value in zip(names, chosen, strict=True)
    ):
        found["product"] = product_text(event, channel, language)
    body = form["body"].value()
    if found and body and not form.errors:
        text = MessageText(event=event, channel=channel, language=language, body=body)
        found["preview"] = preview(text)
    return found


def after_save(request: StaffRequest, section: Section, row: models.Model) -> HttpResponse:
    """Return where a saved form leads: the page itself where there is something to look at."""
    if isinstance(row, MessageText | Mailbox):
        return redirect(f"console:{section.slug}_edit", row.pk)
    return redirect(f"console:{section.slug}")
