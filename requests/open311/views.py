"""Serve the addresses of GeoReport v2: discover, list, define, post, follow by token, read.

Reading needs no key and shows shared faults only; posting needs one. Source:
wiki.open311.org/GeoReport_v2.
"""

from datetime import datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from agencies import landlord
from agencies.models import Building
from portal import limits, throttle
from portal.access import PUBLIC, audience
from portal.clock import now
from requests.channels.models import Intake
from requests.claims.access import ClaimQuerySet
from requests.claims.event_models import ClaimEvent
from requests.claims.events import INSIDE
from requests.claims.models import Claim
from requests.filing.actions import KeyReused
from requests.kit.choices import ENDED, OPEN, Channel
from requests.open311 import actions as open311
from requests.open311 import services, validation
from requests.open311.models import Open311Key
from requests.open311.responses import Fault, answer, fault, geo_report_view, open_to_scripts
from requests.open311.serializers import STEPS, to_service_request, to_update

CHANGED = "2026-11-30T12:00:00Z"  # last change of this interface
MOST_IDS = 50
MOST_ROWS = 1000
SPAN = timedelta(days=90)
MINUTE = timedelta(minutes=1)
ANONYMOUS = 60  # calls per minute and address, without a key
CATALOGUE = 600  # the same, of services and their definitions: a client reads all, one by one


def _enter(
    request: HttpRequest, *, must: bool = False, catalogue: bool = False
) -> Open311Key | None:
    """Return the key sent with the call; check its limit and the jurisdiction. Raises Fault.

    ``catalogue``: it reads services, which counts apart.
    """
    given = request.POST.get("api_key") or request.GET.get("api_key") or ""
    who, moment = throttle.client(request), now()
    key = None
    if given:
        if throttle.is_spent("token", who, limits.GUESSES, limits.GUESS_WINDOW, moment):
            raise Fault(429, _("Too many calls."))
        digest = Open311Key.digest_of(given)
        key = Open311Key.objects.filter(digest=digest, active=True).first()
        if key is None:
            throttle.hit("token", who, limits.GUESSES, limits.GUESS_WINDOW, moment)
            raise Fault(403, _("This api_key is not valid."))
    elif must:
        raise Fault(403, _("api_key was not given."))
    counted, most = (f"key:{key.pk}", key.per_minute) if key else (who, ANONYMOUS)
    counter = "open311-catalogue" if catalogue else "open311"
    if not throttle.hit(counter, counted, CATALOGUE if catalogue else most, MINUTE, moment):
        raise Fault(429, _("Too many calls."))
    place = request.POST.get("jurisdiction_id") or request.GET.get("jurisdiction_id")
    if place and place != settings.PALIER_OPEN311_JURISDICTION:
        raise Fault(404, _("There is no jurisdiction with this jurisdiction_id."))
    return key


@audience(PUBLIC)
@geo_report_view("GET")
def discovery(request: HttpRequest, form: str) -> HttpResponse:
    """Describe the endpoint and its formats."""
    base = f"{settings.PALIER_URL}/open311/v2"
    house = landlord.current()
    told = {
        "changeset": CHANGED,
        "contact": f"{house.name}, {house.phone}",
        "key_service": _("Ask the landlord for a key: %(phone)s") % {"phone": house.phone},
        "endpoints": [
            {
                "specification": "http://wiki.open311.org/GeoReport_v2",
                "url": base,
                "changeset": CHANGED,
                "type": "test" if settings.DEMO else "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }
    return answer("discovery", told, form)


@audience(PUBLIC)
@geo_report_view("GET")
def service_list(request: HttpRequest, form: str) -> HttpResponse:
    """List the services that may be reported."""
    _enter(request, catalogue=True)
    rows = [services.list_entry(category) for category in services.public_categories()]
    return answer("services", rows, form)


@audience(PUBLIC)
@geo_report_view("GET")
def service(request: HttpRequest, code: str, form: str) -> HttpResponse:
    """Describe one service with its questions."""
    _enter(request, catalogue=True)
    return answer("service_definition", services.definition(validation.category_of(code)), form)


@audience(PUBLIC)
@geo_report_view("GET", "POST")
def requests(request: HttpRequest, form: str) -> HttpResponse:
    """Read shared faults on GET; report one on POST."""
    return _post(request, form) if request.method == "POST" else _read(request, form)


def _post(request: HttpRequest, form: str) -> HttpResponse:
    key = _enter(request, must=True)
    assert key is not None  # _enter(must=True) raises Fault without a key
    fields, category = validation.check_report(request)
    photos = [file for _name, sent in request.FILES.lists() for file in sent]
    if len(photos) > validation.MOST:
        raise Fault(400, _("At most %(most)s photos.") % {"most": validation.MOST})
    fields += [("photo", digest) for digest in map(validation.digest_of_file, photos)]
    try:
        intake, new, refused = open311.receive(
            key=key,
            fields=fields,
            client_id=validation.client_id(request),
            digest=validation.digest(fields),
            now=now(),
            photos=photos,
        )
    except KeyReused as error:
        raise Fault(400, _("This Idempotency-Key was used for another report.")) from error
    notice = "\n".join(filter(None, [category.safety_advice, *refused]))
    told = {"token": str(intake.pk), "service_notice": notice, "account_id": ""}
    return answer("service_requests", [told], form, 201 if new else 200)


@audience(PUBLIC)
@geo_report_view("GET")
def token(request: HttpRequest, token: UUID, form: str) -> HttpResponse:
    """Return the number of a posted report; it is empty until the job has read the report."""
    _enter(request)
    intake = (
        Intake.objects.system("Open311 filing")
        .filter(channel=Channel.OPEN311, pk=token)
        .defer("raw")
        .first()
    )
    if intake is None:
        raise Fault(404, _("There is no such token."))
    number = str(intake.claim_id) if intake.claim_id else ""
    told = {"service_request_id": number, "token": str(token)}
    return answer("service_requests", [told], form)


@audience(PUBLIC)
@geo_report_view("GET")
def shared_fault(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """Return one shared fault."""
    _enter(request)
    return answer(
        "service_requests", [to_service_request(claim) for claim in _of_ids([number])], form
    )


@audience(PUBLIC)
@geo_report_view("GET", "POST")
def updates(request: HttpRequest, form: str) -> HttpResponse:
    """List the steps of shared faults, the oldest first, or take what somebody says of one.

    Source: github.com/mysociety/fixmystreet/wiki/Open311-FMS---Complete-Spec, "Get Service Request
    Updates" and "Post Service Request Update".
    """
    if request.method == "POST":
        return _post_update(request, form)
    _enter(request)
    start, end = _span(request.GET)
    events = (
        ClaimEvent.objects.of(claim__in=Claim.objects.in_common_parts())
        .filter(name__in=STEPS, at__gte=start, at__lte=end)
        .order_by("at", "pk")
    )
    if request.GET.get("service_request_id"):
        wanted = _numbers(request.GET["service_request_id"].split(","))
        events = events.filter(claim__in=wanted)
    return answer("service_request_updates", [to_update(row) for row in events[:MOST_ROWS]], form)


def _post_update(request: HttpRequest, form: str) -> HttpResponse:
    key = _enter(request, must=True)
    assert key is not None  # _enter(must=True) raises Fault without a key
    fields, own = validation.check_update(request)
    [claim] = _of_ids([request.POST.get("service_request_id", "")])
    photos = [file for _name, sent in request.FILES.lists() for file in sent]
    if len(photos) > validation.MOST:
        raise Fault(400, _("At most %(most)s photos.") % {"most": validation.MOST})
    fields += [("photo", digest) for digest in map(validation.digest_of_file, photos)]
    fields.append(("service_request_id", str(claim.pk)))
    try:
        intake, new, refused = open311.receive(
            key=key, fields=fields, client_id=own, digest="", now=now(), photos=photos
        )
    except KeyReused as error:
        raise Fault(400, _("This update_id was used for another update.")) from error
    told = {"update_id": str(intake.pk), "service_notice": "\n".join(refused)}
    return answer("service_request_updates", [told], form, 201 if new else 200)


def _read(request: HttpRequest, form: str) -> HttpResponse:
    _enter(request)
    asked = request.GET
    if asked.get("service_request_id"):
        rows = _of_ids(asked["service_request_id"].split(","))
    else:
        rows = _filtered(asked)
    return answer("service_requests", [to_service_request(claim) for claim in rows], form)


def _shared() -> ClaimQuerySet:
    told = ClaimEvent.objects.of(claim=OuterRef("pk")).exclude(name__in=INSIDE)
    latest = told.order_by("-at", "-pk")
    return (
        Claim.objects.in_common_parts()
        .select_related("category", "unit")
        # A thousand faults have some residences: joined, each would be looked up a thousand times.
        .prefetch_related(
            "residence", Prefetch("residence__buildings", Building.objects.order_by("pk"))
        )
        # Of a closed request it is when it was closed; only those that are open are looked up.
        .annotate(updated_at=Coalesce("ended_at", Subquery(latest.values("at")[:1])))
        .order_by("-filed_at", "-pk")
    )


def _of_ids(numbers: list[str]) -> list[Claim]:
    """Return shared faults by their numbers, of any age. Raises Fault when none is known."""
    rows = list(_shared().filter(pk__in=_numbers(numbers)))
    if not rows:
        raise Fault(404, _("There is no request with this service_request_id."))
    return rows


def _numbers(texts: list[str]) -> list[UUID]:
    """Return the numbers that have the form of ours. Raises Fault for too many."""
    if len(texts) > MOST_IDS:
        raise Fault(400, _("At most 50 service_request_id at once."))
    found = []
    for text in texts:
        try:
            found.append(UUID(text.strip()))
        except ValueError:
            continue
    return found


def _filtered(asked) -> list[Claim]:
    """Return shared faults by service, dates and status. Raises Fault.

    Without dates, return those of the last 90 days.
    """
    start, end = _span(asked)
    rows = _shared().filter(filed_at__gte=start, filed_at__lte=end)
    if asked.get("service_code"):
        codes = {validation.category_of(code.strip()).code for code in _few(asked["service_code"])}
        rows = rows.filter(category__code__in=codes)
    if asked.get("status"):
        wanted = {text.strip() for text in _few(asked["status"])}
        if wanted - {"open", "closed"}:
            raise Fault(400, _("status is open, closed or both."))
        states = (OPEN if "open" in wanted else set()) | (ENDED if "closed" in wanted else set())
        rows = rows.filter(state__in=states)
    return list(rows[:MOST_ROWS])


def _span(asked) -> tuple[datetime, datetime]:
    """Return from when to when is asked for; without dates, the last 90 days. Raises Fault."""
    start, end = _instant(asked, "start_date"), _instant(asked, "end_date")
    if start and end and not timedelta(0) <= end - start <= SPAN:
        raise Fault(400, _("From start_date to end_date there must be 0 to 90 days."))
    if start is None:
        end = end or now()
        start = end - SPAN
    return start, end or start + SPAN


def _few(text: str) -> list[str]:
    return text.split(",", MOST_IDS)[:MOST_IDS]


def _instant(asked, name: str) -> datetime | None:
    """Return a date or an instant (ISO 8601), aware, by default in our zone. Raises Fault."""
    text = asked.get(name, "").strip()
    if not text:
        return None
    try:
        # "+" in a query means a space, and many applications forget to write it as %2B.
        day = parse_date(text) if len(text) == 10 else None
        found = None if day else parse_datetime(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        found = day = None
    if day:
        found = datetime.combine(day, time.max if name == "end_date" else time.min)
    if found is None or not 2000 <= found.year <= 9000:
        raise Fault(400, _("%(name)s is not a date (ISO 8601).") % {"name": name})
    return found if timezone.is_aware(found) else timezone.make_aware(found)


@csrf_exempt
@audience(PUBLIC)
def not_found(request: HttpRequest) -> HttpResponse:
    """Answer 404, in the right format, to any other address under this one."""
    form = "json" if request.path.endswith(".json") else "xml"
    return open_to_scripts(request, fault(form, 404, [_("There is nothing at this address.")]))
