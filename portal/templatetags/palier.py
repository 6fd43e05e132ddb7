"""The filters of portal/dates.py: ``{{ claim.promise_at|moment }}``."""

from django import template

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
from portal.phones import national_format

register = template.Library()
register.filter("phone", national_format)
for said in (
    *(clock, hours, period, day, moment, short_day),
    *(full_day, full_moment, week_day, week_moment),
):
    register.filter(said)


@register.filter
def unbroken(text: str) -> str:
    """Keep a number on one line: its spaces become no-break spaces."""
    return text.replace(" ", "\u00a0")
