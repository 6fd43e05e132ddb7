"""Check one posted report and name all its errors at once, each in a sentence."""

import hashlib
import re
from dataclasses import dataclass
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
# Of an update of a request (FixMyStreet's extension).
UPDATE_FIELDS = {
    **{name: FIELDS[name] for name in ("description", "email", "first_name", "last_name")},
    **{name: FIELDS[name] for name in ("phone", "account_id")},
    "title": 30,
    "status": 20,
    "updated_datetime": 40,
    "update_id": 70,
}
STATUSES = {"", "open", "closed"}
MEDIA = "media_url"
MEDIA_FIELDS = (MEDIA, "media_url[]")
MOST = 6  # photos
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
    given = {name: request.POST.get(name, "").strip() for name in FIELDS if name != MEDIA}
    links = _media_links(request)
    category = category_of(given["service_code"])
    said = _texts(given, FIELDS)
    if not said:
        said += _contact(given) + _where(given) + links.wrong
    told, wrong = _answers(request, category)
    said += wrong
    if said:
        raise Fault(400, *said)
    kept = sorted((name, value) for name, value in given.items() if value)
    kept += [(MEDIA, link) for link in links.found]
    return kept + [("told", line) for line in told], category


def check_update(request: HttpRequest) -> tuple[list[tuple[str, str]], str]:
    """Return the fields of an update to store, and the application's own number for it.

    Raises Fault. ``status`` is what the application believes; it changes nothing here.
    """
    given = {name: request.POST.get(name, "").strip() for name in UPDATE_FIELDS}
    links = _media_links(request)
    said = _texts(given, UPDATE_FIELDS) or [*_contact(given), *links.wrong]
    said += [
        _("%(name)s was not given.") % {"name": name}
        for name in ("update_id", "description")
        if not given[name]
    ]
    if given["status"].lower() not in STATUSES:
        said.append(_("status is open, closed or both."))
    own = given.pop("update_id")
    if own and not CLIENT_ID.fullmatch(own):
        said.append(_("update_id must be 1 to 70 visible ASCII characters."))
    if said:
        raise Fault(400, *said)
    kept = sorted((name, value) for name, value in given.items() if value)
    return kept + [(MEDIA, link) for link in links.found], f"update/{own}"


def _texts(given: dict[str, str], most: dict[str, int]) -> list[str]:
    """Return what is wrong with the length and the characters of fields."""
    said = [
        _("%(name)s is longer than %(most)s characters.") % {"name": name, "most": most[name]}
        for name, value in given.items()
        if len(value) > most[name]
    ]
    return said + [
        _("%(name)s has characters that no text may have.") % {"name": name}
        for name, value in given.items()
        if NOT_TEXT.search(value)
    ]


def client_id(request: HttpRequest) -> str:
    """Return the application's own number for this report, "" when it sends none. Raises Fault."""
    own = request.headers.get("Idempotency-Key", "").strip()
    if own and not CLIENT_ID.fullmatch(own):
        raise Fault(400, _("Idempotency-Key must be 1 to 80 visible ASCII characters."))
    return own


def digest(fields: list[tuple[str, str]]) -> str:
    """Return the SHA-256 of the fields, in hexadecimal."""
    return hashlib.sha256(urlencode(fields).encode()).hexdigest()


def digest_of_file(file) -> str:
    """Return the SHA-256 of an uploaded file: an equal report with another photo is another."""
    found = hashlib.sha256()
    for part in file.chunks():
        found.update(part)
    file.seek(0)
    return found.hexdigest()


def _contact(given: dict[str, str]) -> list[str]:
    said = []
    if given["email"]:
        try:
            validate_email(given["email"])
        except ValidationError:
            said.append(_("“email” is not an e-mail address."))
    if given["phone"] and not phones.to_e164(given["phone"]):
        said.append(_("phone is not a phone number."))
    return said


@dataclass(frozen=True)
class _Links:
    found: list[str]
    wrong: list[str]


def _media_links(request: HttpRequest) -> _Links:
    """Return the addresses of photos; the field may be repeated, as several applications do."""
    given = [value.strip() for name in MEDIA_FIELDS for value in request.POST.getlist(name)]
    found = list(dict.fromkeys(filter(None, given)))
    wrong = []
    if len(found) > MOST:
        wrong.append(_("At most %(most)s photos.") % {"most": MOST})
    for link in found:
        if len(link) > FIELDS[MEDIA] or NOT_TEXT.search(link):
            wrong.append(_("media_url cannot be kept."))
        elif not link.startswith(("https://", "http://")):
            wrong.append(_("media_url is not a web address."))
    return _Links(found, wrong)


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
    given: dict[str, list[str]] = {}
    for name in request.POST:
        found = ATTRIBUTE.fullmatch(name)
        if found:
            sent = (value.strip() for value in request.POST.getlist(name))
            given.setdefault(found[1], []).extend(filter(None, sent))
    told, wrong = [], []
    for question in services.questions(category):
        values = list(dict.fromkeys(given.pop(question.code, [])))
        value = ", ".join(values)
        if not values:
            if question.required:
                wrong.append(_("attribute[%(code)s] is required.") % {"code": question.code})
            continue
        if question.choices and len(values) > 1:
            wrong.append(_("attribute[%(code)s] takes one value.") % {"code": question.code})
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
