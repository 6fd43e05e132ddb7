"""``{% csrf_token %}`` with the key that makes sending a form twice harmless.

Built into every template (``TEMPLATES``), so that no form can be without it.
"""

from django import template
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

from portal import form_keys

register = template.Library()


@register.simple_tag(takes_context=True)
def csrf_token(context) -> str:
    """Draw the token against forged forms, then the form's own key."""
    token = CsrfTokenNode().render(context)
    if not token:
        return ""
    key = '<input type="hidden" name="{}" value="{}">'
    return token + format_html(key, form_keys.FIELD, form_keys.new_key())
