"""Check one posted report and name all its errors at once, each in a sentence."""

import hashlib
import re
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal import phones
from requests.catalogue.models import Category
from requests.open311 import reports, services
from requests.open311.responses import Fault

# Field -> most characters. Other fields are ignored, as the specification allows.
FIELDS = {
    "service_code": 10,
    "lat": 30,
    "long": 30,
    "address_string": 200,
    "address_id": 120,
    "email": 254,
    "device_id": 120,
    "account_id": 120,
    "first_name": 60,
    "last_name": 60,
    "phone": 30,
    "description": 4000,
    "media_url": 500,
}
ATTRIBUTE = re.compile(r"attribute\[([\w-]{1,40})\](?:\[\])?")
CLIENT_ID = re.compile(r"[\x21-\x7e]{1,80}")
NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def category_of(code: str) -> Category:
    """Return the service of that code. Raises Fault: 400 when empty, 404 when not offered."""
    if not code:
        raise Fault(400, _("service_code was not given."))
    found = services.public_categories().filter(code=code[:10]).first()
    if found is None:
        raise Fault(404, _("There is no service with this service_code."))
    return found


def check_report(request: HttpRequest) -> tuple[list[tuple[str, str]], Category]:
    """Return the fields to store, without the application's key, and the service. Raises Fault."""
    given = {name: request.POST.get(name, "").strip() for name in FIELDS}
    category = category_of(given["service_code"])
    said = [
        _("%(name)s is longer than %(most)s characters.") % {"name": name, "most": FIELDS[name]}
        for name, value in given.items()
        if len(value) > FIELDS[name]
    ]
    said += [
        _("%(name)s has characters that no text may have.") % {"name": name}
        for name, value in given.items()
        if NOT_TEXT.search(value)
    ]
    if not said:
        said += _contact(given) + _where(given)
    told, wrong = _answers(request, category)
    said += wrong
    if said:
        raise Fault(400, *said)
    kept = sorted((name, value) for name, value in given.items() if value)
    return kept + [("told", line) for line in told], category


def client_id(request: HttpRequest) -> str:
    """Return the application's own number for this report, "" when it sends none. Raises Fault."""
    own = request.headers.get("Idempotency-Key", "").strip()
    if own and not CLIENT_ID.fullmatch(own):
        raise Fault(400, _("Idempotency-Key must be 1 to 80 visible ASCII characters."))
    return own


def digest(fields: list[tuple[str, str]]) -> str:
    """Return the SHA-256 of the fields, in hexadecimal."""
    return hashlib.sha256(urlencode(fields).encode()).hexdigest()


def _contact(given: dict[str, str]) -> list[str]:
    said = []
    if given["email"]:
        try:
            validate_email(given["email"])
        except ValidationError:
            said.append(_("“email” is not an e-mail address."))
    if given["phone"] and not phones.to_e164(given["phone"]):
        said.append(_("phone is not a phone number."))
    if given["media_url"] and not given["media_url"].startswith(("https://", "http://")):
        said.append(_("media_url is not a web address."))
    return said


def _where(given: dict[str, str]) -> list[str]:
    try:
        latitude, longitude = reports.number(given["lat"]), reports.number(given["long"])
    except ValueError:
        return [_("lat and long must be numbers, in degrees (WGS 84).")]
    if (latitude is None) != (longitude is None):
        return [_("lat and long go together.")]
    if latitude is not None and longitude is not None:
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            return [_("lat and long must be numbers, in degrees (WGS 84).")]
    elif not given["address_id"] and not given["address_string"]:
        return [_("Give lat and long, an address_string or an address_id.")]
    try:
        reports.locate(given["address_id"], given["address_string"], latitude, longitude)
    except reports.UnknownPlace:
        return [_("There is no residence of ours at this place.")]
    return []


def _answers(request: HttpRequest, category: Category) -> tuple[list[str], list[str]]:
    """Return the lines to add to the description, and the errors."""
    given: dict[str, str] = {}
    for name in request.POST:
        found = ATTRIBUTE.fullmatch(name)
        if found:
            given[found[1]] = request.POST.get(name, "").strip()
    told, wrong = [], []
    for question in services.questions(category):
        value = given.pop(question.code, "")
        if not value:
            if question.required:
                wrong.append(_("attribute[%(code)s] is required.") % {"code": question.code})
            continue
        if question.choices and value not in question.choices:
            wrong.append(_("attribute[%(code)s] has an unknown value.") % {"code": question.code})
            continue
        if len(value) > 200 or NOT_TEXT.search(value):
            wrong.append(_("attribute[%(code)s] cannot be kept.") % {"code": question.code})
            continue
        shown = str(question.choices[value]) if question.choices else value
        told.append(f"{question.words} {shown}")
    wrong += [
        _("This service has no attribute “%(code)s”.") % {"code": code} for code in sorted(given)
    ]
    return told, wrong
