"""iCalendar texts of visits (RFC 5545), without personal data. Pure, but for the response."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from icalendar import Alarm, Calendar, Event

# Before the visit: the evening before is too late to be at home in the morning, an hour is enough
# to come back.
REMINDERS = (timedelta(days=-1), timedelta(hours=-1))


def calendar(
    visits: Iterable[Mapping[str, Any]],
    *,
    now: datetime,
    method: str = "",
    organizer: str = "",
    attendee: str = "",
) -> bytes:
    """Return one calendar from dicts ``uid, starts, ends, title, place, url, sequence, cancelled``.

    With ``remind`` in a dict, the calendar rings a day and an hour before that visit.
    Times are aware, in UTC. With ``method`` (REQUEST, CANCEL) it is an invitation by mail from the
    address ``organizer`` to ``attendee`` (RFC 5546); without it, it is a feed.
    """
    cal = Calendar()
    cal.add("prodid", "-//Palier//visits//FR")
    cal.add("version", "2.0")
    if method:
        cal.add("method", method)
    for visit in visits:
        event = Event()
        event.add("uid", f"{visit['uid']}@palier.invalid")
        event.add("dtstamp", now)
        event.add("dtstart", visit["starts"])
        event.add("dtend", visit["ends"])
        event.add("summary", visit["title"])
        if visit.get("place"):
            event.add("location", visit["place"])
        if visit.get("url"):
            event.add("url", visit["url"])
        event.add("sequence", visit.get("sequence", 0))
        event.add("status", "CANCELLED" if visit.get("cancelled") else "CONFIRMED")
        if organizer:
            event.add("organizer", f"mailto:{organizer}")
        if attendee:
            event.add("attendee", f"mailto:{attendee}")
        if visit.get("remind") and not visit.get("cancelled"):
            for before in REMINDERS:
                event.add_component(_alarm(visit["title"], before))
        cal.add_component(event)
    return cal.to_ical()


def _alarm(title: str, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", before)
    return alarm


def ics_response(body: bytes, name: str) -> HttpResponse:
    """Return a download of the calendar as ``name``.ics, which no cache may store."""
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    answer["Cache-Control"] = "private, no-store"
    return answer
