"""Write a drawing of charts.py as SVG."""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from requests.figures.charts import Drawing, Shape


def svg(drawing: Drawing) -> SafeString:
    """Return the markup of a chart.

    Its marks are links for pointers: keyboards and screen readers have the same ones in the table.
    """
    labels = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="{}" class="{}">{}</text>',
        ((o.x, o.y, o.anchor, o.look, o.text) for o in drawing.labels),
    )
    return format_html(
        '<svg class="drawing" viewBox="0 0 {} {}" aria-hidden="true">{}{}</svg>',
        drawing.width,
        drawing.height,
        format_html_join("", "{}", ((_mark(shape),) for shape in drawing.shapes)),
        labels,
    )


def small_svg(drawing: Drawing) -> SafeString:
    """Return the markup of a small line within a table."""
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        drawing.width,
        drawing.height,
        drawing.says,
        format_html_join("", "{}", ((_mark(shape),) for shape in drawing.shapes)),
    )


def _mark(shape: Shape) -> SafeString:
    """Return one mark; a link around it when it opens something."""
    at = format_html_join("", ' {}="{}"', shape.at.items())
    title = format_html("<title>{}</title>", shape.title) if shape.title else ""
    drawn = format_html(
        "<{0} class={1}{2}>{3}</{0}>", shape.kind, format_html('"{}"', shape.look), at, title
    )
    if not shape.href:
        return drawn
    return format_html('<a href="{}" tabindex="-1">{}</a>', shape.href, drawn)
