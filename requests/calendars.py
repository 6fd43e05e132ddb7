"""iCalendar texts of visits (RFC 5545). Pure: rows in, bytes out; no personal data inside."""

from collections.abc import Iterable
from datetime import datetime

from icalendar import Calendar, Event


def calendar(visits: Iterable[dict], *, now: datetime) -> bytes:
    """One calendar from dicts ``uid, starts, ends, title, place, url, sequence, cancelled``.

    Times are aware and written in UTC.
    """
    cal = Calendar()
    cal.add("prodid", "-//Palier//visits//FR")
    cal.add("version", "2.0")
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
        cal.add_component(event)
    return cal.to_ical()
