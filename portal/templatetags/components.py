"""The parts that every screen is made of: notice, card, table, definition list, post button.

Their markup stands in ``templates/components``. Words that are not named below become HTML
attributes, with ``_`` for ``-``: ``aria_label=label`` gives ``aria-label="…"``.
"""

from collections.abc import Iterable, Mapping

from django import template
from django.forms.utils import flatatt
from django.urls import reverse
from django.utils.safestring import SafeString

register = template.Library()

# The levels of django.contrib.messages, where our word for a notice is another.
KINDS = {"error": "danger", "warning": "warn", "debug": ""}


def _draw(context, name: str, **values) -> SafeString:
    """Render ``templates/components/<name>.html`` with these values and nothing else."""
    drawn = context.template.engine.get_template(f"components/{name}.html")
    inner = context.new(values)
    inner["csrf_token"] = context.get("csrf_token")
    return drawn.render(inner)


def _attributes(words: Mapping[str, object]) -> SafeString:
    """``{"aria_label": "a"}`` → `` aria-label="a"``; None, False and "" are left out."""
    return flatatt({name.replace("_", "-"): v for name, v in words.items() if v not in (None, "")})


def _variants(base: str, variants: str) -> str:
    """``("btn", "quiet block")`` → ``btn btn--quiet btn--block``."""
    return " ".join([base, *(f"{base}--{variant}" for variant in variants.split())])


@register.simple_block_tag(takes_context=True)
def notice(context, content, kind="", tag="p", **attributes) -> SafeString:
    """Draw a framed message.

    ``kind`` is "", info, success, warn or danger, or the level of a Django message; ``tag`` its
    element.
    """
    classes = f"{_variants('notice', KINDS.get(kind, kind))} {attributes.pop('class', '')}".strip()
    return _draw(
        context,
        "notice",
        content=content,
        tag=tag,
        classes=classes,
        attributes=_attributes(attributes),
    )


@register.simple_block_tag(takes_context=True)
def card(
    context, content, title="", id="", number="", tag="section", level="h2", **attributes
) -> SafeString:
    """Draw a card; its ``title`` is its heading, at ``level``, and names it by ``id``.

    A heading with a link in it stands in the content instead, with the same ``id``. ``number``
    tells apart the cards of a loop: it follows the id after a hyphen.
    """
    classes = f"card {attributes.pop('class', '')}".strip()
    return _draw(
        context,
        "card",
        content=content,
        title=title,
        id=f"{id}-{number}" if number != "" else id,
        tag=tag,
        level=level,
        classes=classes,
        attributes=_attributes(attributes),
    )


@register.simple_block_tag(takes_context=True)
def table(context, content, caption, id="", about="", hidden=False, stack=False) -> SafeString:
    """Draw a table that scrolls by itself, by keyboard too, and is named by its caption.

    ``id`` is the caption's; ``hidden`` shows the caption to screen readers only. Where captions
    repeat on a page, ``about`` follows the caption in the name instead of an ``id``. ``stack``
    puts the cells of a row below each other on phones, each named by its ``data-label``; rows and
    cells then say their ``role``, which browsers forget of what is no table to the eye.
    """
    how = {"caption": caption, "id": id, "about": about, "hidden": hidden, "stack": stack}
    return _draw(context, "table", content=content, **how)


@register.simple_block_tag(takes_context=True)
def definitions(context, content, style="dl") -> SafeString:
    """Draw a list of ``definition``; ``style`` is its class: dl, answers or nothing."""
    return _draw(context, "definitions", content=content, style=style)


@register.simple_block_tag(takes_context=True)
def definition(context, content, term, change="", what="", **attributes) -> SafeString:
    """Draw one term and what is said of it; attributes go to the latter.

    ``change`` is the address where the answer is changed, ``what`` names it after "Change".
    """
    return _draw(
        context,
        "definition",
        content=content,
        term=term,
        change=change,
        what=what,
        attributes=_attributes(attributes),
    )


@register.simple_block_tag(takes_context=True)
def post_button(
    context,
    content,
    url="",
    *arguments,
    query="",
    style="",
    wrap="",
    fields: Mapping | Iterable = (),
    **words,
) -> SafeString:
    """Draw a form whose one button acts.

    ``url`` is the name of a URL, reversed with ``arguments``, or an address with a slash; without
    it the form posts to the page itself. ``query`` follows it. ``style`` names the button's
    variants ("secondary block"; "bare" for one without a frame), ``wrap`` the class of a paragraph
    around it ("p" for one without a class). Hidden fields are
    ``field_<name>=value``, and ``fields`` when their names are not known. ``form_<name>=value``
    is an attribute of the form; every other word is one of the button.
    """
    action = reverse(url, args=arguments) if url and "/" not in url else url
    hidden = fields.items() if isinstance(fields, Mapping) else fields
    groups: dict[str, dict] = {"field": {}, "form": {}, "button": {}}
    for name, value in words.items():
        group, _, rest = name.partition("_")
        if group in ("field", "form") and rest:
            groups[group][rest] = value
        else:
            groups["button"][name] = value
    return _draw(
        context,
        "post_button",
        content=content,
        action=f"{action}?{query}" if query else action,
        fields=[*hidden, *groups["field"].items()],
        form=_attributes(groups["form"]),
        button=_attributes(groups["button"]),
        classes="" if style == "bare" else _variants("btn", style),
        wrap=wrap,
    )
