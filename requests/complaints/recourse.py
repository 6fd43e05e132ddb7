"""Deadlines and conditions of the steps open to a tenant who disputes an answer. Pure.

The text behind each fact, and what is still to be confirmed: docs/legal.md.

- Two stages with 5, 10 and 20 working days: the landlord's own promise, after the Housing
  Ombudsman's complaint handling code (United Kingdom). No French statute sets these lengths.
- Ombudsman: consumer code, articles L612-1 (free for the consumer), L612-2 (a written complaint
  first; within a year of it; not before another mediator or a court) and L616-1 (the landlord
  gives the ombudsman's address). The federations of social landlords provide one for their
  members too; the ombudsman decides which disputes are accepted.
- Conciliation commission: law no. 89-462 of 6 July 1989, article 20. Free. It hears disputes on
  decency (2°), repairs, charges, deposits and inventories (3°). Disputes on the rent (1°) are
  excluded in social housing: article 40, I. Its opinion comes within two months and is not binding.
- Decency: the same law, article 20-1. The tenant asks the landlord to make the home decent;
  without agreement, or without an answer within two months, the tenant may apply to the commission
  or to the judge. The commission is not a precondition for the judge.
- Judge: for claims of up to 5,000 euros, a court conciliator, a mediation or a participative
  procedure must be tried first, except in manifest urgency: civil procedure code, article 750-1.
"""

import calendar
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from requests.claims.events import Event

ACK_DAYS = 5
ANSWER_DAYS = {1: 10, 2: 20}
DECENCY_MONTHS = 2
CATEGORY = "ADM-17"
# The transitions that answer a complaint: only somebody who did not handle the matter may.
ANSWERS = frozenset({Event.ANSWER, Event.REFUSE, Event.REPORT_DONE})
AGAIN = frozenset({Event.REOPEN, Event.SAY_NOT_FIXED})


def months_after(day: date, months: int) -> date:
    """Return the same day ``months`` later, or that month's last day when there is no such day.

    This is how civil time limits in months are counted (civil procedure code, article 641).
    """
    number = day.month - 1 + months
    year, month = day.year + number // 12, number % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def end_of_day(day: date, zone: str) -> datetime:
    """Return 23:59 of a local day, aware, so that texts made from the deadline name that day."""
    return datetime.combine(day, time(23, 59), tzinfo=ZoneInfo(zone))


def decency_deadline(received: date, zone: str) -> datetime:
    """Return the end of the two months after a demand for a decent home.

    Source: law 89-462, article 20-1. The article does not say from which day: the project counts
    from the day of receipt.
    """
    return end_of_day(months_after(received, DECENCY_MONTHS), zone)
