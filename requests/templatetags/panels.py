"""Draw a panel with its own context on top of the page's."""

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from requests.claims.panels import Panel

register = template.Library()


@register.simple_tag(takes_context=True)
def draw(context: Context, panel: Panel, shown: dict) -> SafeString:
    """Return the panel's HTML; what it shows is unknown to the panels after it."""
    assert context.template is not None
    with context.push(**shown):
        return context.template.engine.get_template(panel.template).render(context)
