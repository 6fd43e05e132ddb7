"""What a tenant who is not happy with an answer may do, in which order, on what conditions. Pure.

Each fact with the text it was read in, and what is still to be confirmed: docs/legal.md.

- Two stages with 5, 10 and 20 working days: the landlord's own promise, after the Housing
  Ombudsman's complaint handling code (United Kingdom). No French statute sets these lengths.
- Ombudsman: consumer code, articles L612-1 (free for the consumer), L612-2 (a written complaint
  first; within a year of it; not before another mediator or a court) and L616-1 (the landlord
  gives the ombudsman's address). The federations of social landlords hold it for their members
  too; which disputes it takes on is the ombudsman's to say.
- Conciliation commission: law no. 89-462 of 6 July 1989, article 20. Free. It hears disputes on
  decency (2°), repairs, charges, deposits and inventories (3°). Those on the rent (1°) are not for
  social housing: article 40, I. It gives an opinion within two months, which binds nobody.
- Decency: the same law, article 20-1. The tenant asks the landlord to make the home decent;
  without agreement, or without an answer within two months, the commission may be asked, or the
  judge. Going to the commission is no condition for the judge.
- Judge: before asking for 5,000 euros or less, a court conciliator, a mediation or a participative
  procedure is tried, save in manifest urgency: civil procedure code, article 750-1.
"""

import calendar
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from requests.claims.events import Event

ACK_DAYS = 5
ANSWER_DAYS = {1: 10, 2: 20}
DECENCY_MONTHS = 2
CATEGORY = "ADM-17"
# A complaint about the service is answered by words, by somebody who did not handle the matter.
ANSWERS = frozenset({Event.ANSWER, Event.REFUSE, Event.REPORT_DONE})
AGAIN = frozenset({Event.REOPEN, Event.SAY_NOT_FIXED})


def months_after(day: date, months: int) -> date:
    """The same day ``months`` later; the month's last day when there is no such day.

    As civil time limits in months are counted (civil procedure code, article 641).
    """
    number = day.month - 1 + months
    year, month = day.year + number // 12, number % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def end_of(day: date, zone: str) -> datetime:
    """The last minute of a local day, aware: said to people, it still names that day."""
    return datetime.combine(day, time(23, 59), tzinfo=ZoneInfo(zone))


def decency_until(received: date, zone: str) -> datetime:
    """When the two months after a demand for a decent home are over (law 89-462, article 20-1).

    The article does not say from which day: the day of receipt is our reading.
    """
    return end_of(months_after(received, DECENCY_MONTHS), zone)
