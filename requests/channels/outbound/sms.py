"""SMS out, in the shape of Twilio's Messages resource. A plain message in, a receipt out.

Another provider is another module with the same ``send``: what callers know is ``Sms`` and
``Receipt``. Sources: twilio.com/docs/sms/api/message-resource and /docs/api/errors.
"""

from dataclasses import dataclass, replace

import httpx2
from django.conf import settings
from django.urls import reverse

from portal import http, phones
from portal import sms as function
from requests.channels.mail.refusals import Meaning
from requests.channels.outbound.receipt import Receipt, refused
from requests.channels.provider_codes import SMS, Fate

# Names are not allowed for this country or account: our number is.
NO_NAME = {21267, 21606, 21612}

NO_COUNTRY = "not a mobile number of PALIER_SMS_COUNTRIES"


@dataclass(frozen=True)
class Sms:
    """``to`` in E.164; ``number`` (a delivery) comes back in the receipts' address.

    ``sender``: a name in the place of our number, where the provider allows one.
    """

    to: str
    text: str
    number: str
    sender: str = ""


def is_set() -> bool:
    """Return whether a text message can leave at all: by the provider, or else ``PALIER_SMS``."""
    return bool(settings.PALIER_SMS_ACCOUNT or settings.PALIER_SMS)


def send(message: Sms) -> Receipt:
    """Hand one SMS to the provider. Never raises for its refusals or its absence."""
    if not is_set():
        return Receipt(False, answer="no SMS provider is set", permanent=True)
    if not phones.takes_sms(message.to):
        return Receipt(False, answer=NO_COUNTRY, permanent=True)
    if not settings.PALIER_SMS_ACCOUNT:
        return _by_function(message)
    account = settings.PALIER_SMS_ACCOUNT
    callback = settings.PALIER_URL + reverse("channels:sms_provider") + f"?d={message.number}"
    try:
        answer = http.request(
            "POST",
            f"{settings.PALIER_SMS_URL}/Accounts/{account}/Messages.json",
            auth=(account, settings.PALIER_SMS_TOKEN),
            data={
                "To": message.to,
                "From": message.sender or settings.PALIER_SMS_FROM,
                "Body": message.text[:1600],
                "StatusCallback": callback,
            },
        )
    except http.Refused as error:
        return Receipt(False, answer=str(error), permanent=True)
    except httpx2.HTTPError as error:
        return Receipt(False, answer=repr(error)[:500])
    said = http.json_object(answer)
    if answer.status_code in (200, 201):
        return Receipt(True, str(said.get("sid", "")), str(said.get("status", "")))
    code = said.get("code")
    if message.sender and code in NO_NAME:
        return send(replace(message, sender=""))
    words = f"{answer.status_code} {code or ''} {said.get('message', '')}".strip()[:500]
    fate, reason = SMS.fate(code), SMS.reason(code)
    if answer.status_code in (400, 404) and code not in SMS.soft and fate == Fate.SOFT:
        fate = Fate.LOST  # the provider will say the same again
    if answer.status_code in (401, 403) and fate == Fate.SOFT:
        fate, reason = Fate.LOST, Meaning.REPUTATION
    return refused(fate, words, reason)


def _by_function(message: Sms) -> Receipt:
    """Through the function that settings name; it tells of no receipts."""
    try:
        function.send(message.to, message.text)
    except OSError as error:
        return Receipt(False, answer=repr(error)[:500])
    return Receipt(True, answer="taken")
