"""The filters of portal/dates.py: ``{{ claim.promise_at|moment }}``."""

from django import template

from portal.dates import clock, day, full_day, full_moment, hours, moment, short_day

register = template.Library()
for said in (clock, day, full_day, full_moment, hours, moment, short_day):
    register.filter(said)
