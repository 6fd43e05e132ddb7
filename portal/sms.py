"""Send a text message: ``send(number, text)``, by the function that the settings name.

``PALIER_SMS`` is the dotted path of that function; empty means that no message can be sent, and
then nobody is offered to sign in by phone. Raise ``OSError`` for a failure worth a new try.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.utils.module_loading import import_string

from portal import throttle
from portal.phones import takes_sms
from portal.transactions import refuse_inside_transaction

HOUR = timedelta(hours=1)
CODES_TO_A_NUMBER = 5  # that one person asks for
ALL_TO_A_NUMBER = 20  # that strangers ask for together


def may_text(
    number: str, *, known: bool, now: datetime, asker: str = "", trusted: bool = False
) -> bool:
    """Count a code to ``number``; False for a country or a number that gets none any more.

    ``known``: its holder proved it before, so that strangers cannot use up their share. ``asker``:
    where the request came from, ``trusted`` when the holder signed in there before.
    """
    if not takes_sms(number):
        return False
    if not throttle.hit("sms:number", f"{number} {asker}", CODES_TO_A_NUMBER, HOUR, now):
        return False
    if not trusted and not throttle.hit("sms:all", number, ALL_TO_A_NUMBER, HOUR, now):
        return False
    return known or throttle.hit("sms:new", "all", settings.PALIER_SMS_TO_STRANGERS, HOUR, now)


def send(number: str, text: str) -> None:
    """Send ``text`` to ``number`` (E.164) through the configured function."""
    refuse_inside_transaction("SMS")
    import_string(settings.PALIER_SMS)(number, text)


def by_mail(number: str, text: str) -> None:
    """Send through a mail-to-SMS gateway; the demo's mail catcher stands in for it."""
    send_mail("SMS", text, None, [f"{number.lstrip('+')}@{settings.PALIER_SMS_DOMAIN}"])
