"""JSON for people to read and copy, in documentation pages."""

import json

from django import template

register = template.Library()


@register.filter
def as_json(value) -> str:
    """Return indented JSON with its accents; the template escapes it."""
    return json.dumps(value, indent=2, ensure_ascii=False)
