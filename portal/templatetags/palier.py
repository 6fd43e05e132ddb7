"""The filters of dates, phone numbers and amounts: ``{{ claim.promise_at|moment }}``."""

import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from portal.dates import (
    clock,
    day,
    full_day,
    full_moment,
    hours,
    moment,
    period,
    short_day,
    week_day,
    week_moment,
)
from portal.money import euros
from portal.phones import national_format

# Where an address may break: after its @, before a dot (so that no line ends like a sentence).
JOINT = re.compile(r"(@)(?=\S)|(?<=\w)(?=[.](?=\w))")
register = template.Library()
register.filter("phone", national_format)
register.filter("euros", euros)
for said in (
    *(clock, hours, period, day, moment, short_day),
    *(full_day, full_moment, week_day, week_moment),
):
    register.filter(said)


@register.filter
def unbroken(text: str) -> str:
    """Keep a number on one line: its spaces become no-break spaces."""
    return text.replace(" ", "\u00a0")


@register.filter
def breakable(text: str) -> SafeString:
    """Let an address or a reference break where its parts meet, not within a word."""
    return mark_safe(JOINT.sub(lambda found: f"{found[0]}<wbr>", conditional_escape(text)))  # noqa: S308 - escaped
