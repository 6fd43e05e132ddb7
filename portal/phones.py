"""Phone numbers in one form (E.164), so that two spellings are one number."""

import re

import phonenumbers
from django.conf import settings
from phonenumbers import PhoneNumberFormat, PhoneNumberType

REGION = "FR"
# Whom a messaging provider knows without telling us the number: « FR.13491208655302741918 ».
ACCOUNT = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")


def is_account(value: str) -> bool:
    """Return whether ``value`` is a messaging account, which is written to but never called."""
    return ACCOUNT.fullmatch(value) is not None


def to_e164(value: str) -> str:
    """Return ``+33639981234`` for ``06 39 98 12 34``; "" when it is not a possible number."""
    if is_account(value):
        return ""  # its digits are no number
    try:
        number = phonenumbers.parse(value[:40], REGION)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def national_format(value: str) -> str:
    """Return a number for people: « 06 39 98 12 34 », abroad « +32 … ».

    Any other text unchanged.
    """
    if is_account(value):
        return value
    try:
        number = phonenumbers.parse(value, REGION)
    except phonenumbers.NumberParseException:
        return value
    home = number.country_code == phonenumbers.country_code_for_region(REGION)
    style = PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


def takes_sms(value: str) -> bool:
    """Return whether we send texts to the number: a mobile one, of a country that we write to.

    Elsewhere a text costs several euros, and strangers earn from those that we are made to send.
    """
    e164 = to_e164(value)
    if not e164:
        return False
    number = phonenumbers.parse(e164)
    # French mobiles by prefix: the block kept for fiction has no type in the tables.
    if e164.startswith(("+336", "+337")):
        return REGION in settings.PALIER_SMS_COUNTRIES
    # Some share a country code, so that only the number itself tells.
    if phonenumbers.region_code_for_number(number) not in settings.PALIER_SMS_COUNTRIES:
        return False
    kind = phonenumbers.number_type(number)
    return kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
