"""File, list, read and comment on claims; read the catalogue, the units and the residences.

Every class declares its audience; AudiencePermission checks it once the token or session tells who
is calling. Claims come from the same scopes as on the pages: any other is a 404.
"""

import re
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from agencies.models import Residence, Unit
from portal import opened, windows
from portal.access import DESK_ROLES, PUBLIC, Role, audience
from portal.actor import Actor
from portal.clock import now
from portal.problems import BadParameter, Unprocessable
from requests.api import schema
from requests.api.bodies import (
    Confidentiality,
    ListParameters,
    NewClaim,
    NewComment,
    ResidenceParameters,
)
from requests.api.places import place_for, tenant_for
from requests.api.serializers import (
    CategoryShape,
    ClaimDetailShape,
    ClaimShape,
    MessageShape,
    ResidenceShape,
    UnitShape,
)
from requests.catalogue.models import Category
from requests.claims import search
from requests.claims.access import SEE_ALL, SHARES
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import INSIDE, Event
from requests.claims.models import Claim
from requests.conversation.actions import write_once
from requests.conversation.promised_date import unkept
from requests.filing.actions import Filing, KeyReused, file_claim
from requests.household import confidential
from requests.kit.choices import Channel
from requests.labels.queries import bears, codes_of_row
from requests.notifications.contact_routes import answer_channel
from tenants.models import AccountLink

KEY = re.compile(schema.KEY_PATTERN)
CALLERS = (*DESK_ROLES, Role.TENANT)
NEWEST = ("-filed_at", "-pk")
FEW_EVENTS = 400


def parameters(serializer: type[Serializer], request: Request) -> dict:
    """Return the checked parameters of the address. Raises BadParameter."""
    given = serializer(data=request.query_params)
    if not given.is_valid():
        raise BadParameter(given.errors)
    return given.validated_data


def body(serializer: type[Serializer], request: Request) -> dict:
    """Return the checked body. Raises ValidationError with a pointer to each wrong field."""
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return given.validated_data


def idempotency_key(request: Request) -> str:
    """Return the caller's key, made unique to the account: two tools may both count from one."""
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        words = _("Send a key of 8 to 80 visible ASCII characters, new for each new content.")
        raise BadParameter({"Idempotency-Key": [words]}, place="header")
    return f"{request.user.pk.hex}:{key}"


def _events(request: Request, events: QuerySet) -> QuerySet:
    """Return those of ``events`` that the caller may know of."""
    return events if request.membership else events.exclude(name__in=INSIDE)


def visible_claims(request: Request) -> QuerySet:
    """Return the claims that the caller may see: their desk's or their household's."""
    if request.membership:
        claims = Claim.objects.visible_to(request.membership)
    else:
        claims = Claim.objects.of_user(request.user, timezone.localdate())
    return _shown(request, claims)


def shares_of(request: Request) -> list[QuerySet]:
    """Return the same claims in parts that an index each reads in the order of the list."""
    member = request.membership
    if not member or member.role in SEE_ALL:
        return [visible_claims(request)]
    return [Claim.objects.share_of(member, share) for share in SHARES]


def listed(request: Request, asked: dict) -> Q:
    """Return the condition for the claims that the parameters of a list leave.

    Raises BadParameter when a tenant asks for a label.
    """
    found = Q()
    if asked.get("state"):
        found &= Q(state__in=asked["state"])
    if asked.get("unit"):
        found &= Q(owner__unit__code=asked["unit"])
    if asked.get("label"):
        if not request.membership:
            raise BadParameter({"label": [_("Only staff read labels.")]})
        found &= bears(label__code=asked["label"])
    return found


def updated(request: Request, since: datetime | None) -> list[Q]:
    """Return the conditions for what changed at or after ``since``, of newer claims first.

    Together they hold the claims of which something happened then that the caller may know: those
    of few events are named. Of many, all that was filed since is read without them, and most pages
    end there; looked for in each claim, the events of an hour would read all that were ever filed.
    """
    if since is None:
        return [Q()]
    newest = _events(request, ClaimEvent.objects.system("which claims something happened to"))
    # Every name, so that an index by name and time serves it.
    newest = newest.filter(name__in=Event.values, at__gte=since).order_by()
    keys = list(newest.values_list("claim", flat=True)[: FEW_EVENTS + 1])
    if len(keys) <= FEW_EVENTS:
        return [Q(pk__in=set(keys))]
    events = _events(request, ClaimEvent.objects.of(claim=OuterRef("pk")))
    return [
        Q(filed_at__gte=since),
        Q(Exists(events.filter(at__gte=since)), filed_at__lt=since),
    ]


def _again(request: Request) -> QuerySet:
    """Return the claims for keys that the scope of staff found already in this request.

    Asked again, the policies would look up each tenant anew.
    """
    if not request.membership:
        return visible_claims(request)
    return _shown(request, Claim.objects.system("the scope found their keys"))


def _shown(request: Request, claims: QuerySet) -> QuerySet:
    """Return ``claims`` with what their shape needs; labels for staff alone."""
    latest = _events(request, ClaimEvent.objects.of(claim=OuterRef("pk"))).order_by("-at", "-pk")
    if request.membership:
        claims = claims.annotate(labels=codes_of_row())
    return claims.select_related("category", "owner__unit", "tenant").annotate(
        updated_at=Subquery(latest.values("at")[:1])
    )


def writable_claims(request: Request) -> QuerySet:
    """Return the claims that the caller may write on. People who only live in the home may read."""
    if request.membership:
        return visible_claims(request)
    return Claim.objects.actionable_by(request.user, timezone.localdate())


def reader_context(request: Request) -> dict:
    """Return the context that tells serializers who is reading: staff, or which person."""
    waits = not request.membership and AccountLink.objects.waiting(request.user, now()).exists()
    return {"staff": bool(request.membership), "user": request.user, "waits": waits}


def next_page(request: Request, rows: list, limit: int) -> str | None:
    """Return the address of the following page; None on the last one."""
    if len(rows) <= limit:
        return None
    query = request.query_params.copy()
    query["after"] = str(rows[limit - 1].pk)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


@audience(*CALLERS)
@schema.claims
class Claims(APIView):
    """List the claims of the caller's desk or household, newest first; file a new one."""

    def get(self, request: Request) -> Response:
        asked = parameters(ListParameters, request)
        where, limit = listed(request, asked), asked["limit"]
        changed = updated(request, asked.get("updated_since"))
        behind, begin = None, now()
        if asked.get("after"):
            last = visible_claims(request).filter(pk=asked["after"]).first()
            if last is None:
                raise BadParameter({"after": [_("Start again from the first page.")]})
            behind, begin = (last.filed_at, last.pk), last.filed_at
        if asked.get("search"):
            claims = visible_claims(request).filter(where, reduce(or_, changed))
            # An OR of both orders would read all that is newer first: an offset in disguise.
            claims = windows.after(claims, NEWEST, behind) if behind else claims
            keys = search.keys(claims, asked["search"], most=limit + 1, now=begin).keys
        else:
            keys = []
            for part in changed:
                shares = [share.filter(where, part) for share in shares_of(request)]
                left = limit + 1 - len(keys)
                keys += [key for _at, key in windows.merged(shares, NEWEST, behind, left)]
                if len(keys) > limit:
                    break
        rows = list(_again(request).filter(pk__in=keys).order_by(*NEWEST))
        opened.note_list(request, rows[:limit])
        shape = ClaimShape(rows[:limit], many=True, context=reader_context(request))
        return Response({"results": shape.data, "next": next_page(request, rows, limit)})

    def post(self, request: Request) -> Response:
        key = idempotency_key(request)
        data = body(NewClaim, request)
        if not Category.objects.filter(code=data["category"], active=True).exists():
            raise ValidationError({"category": [_("There is no such active category.")]})
        tenant = tenant_for(request, data.pop("tenant", None))
        reachable = tenant or data["contact_email"] or data["contact_phone"]
        if not reachable:
            raise ValidationError(
                {"contact_phone": [_("Give a tenant, a phone number or an e-mail address.")]}
            )
        data |= place_for(request, data)
        data["availability"] = sorted(set(data["availability"]))
        moment = now()
        filing = Filing(
            channel=Channel.API, key=key, tenant=str(tenant.pk) if tenant else None, **data
        )
        try:
            claim = file_claim(filing, actor=Actor.of(request), now=moment)
        except KeyReused as error:
            raise Unprocessable(_("This key was used for another claim.")) from error
        shown = visible_claims(request).filter(pk=claim.pk).first()
        if shown is None:
            # Routed to a desk that the caller does not see; they still get the reference.
            shape = {"id": str(claim.pk), "reference": claim.reference, "state": claim.state}
        else:
            shape = ClaimShape(shown, context=reader_context(request)).data
        headers = {"Location": reverse("api:claim", args=[claim.pk])}
        if claim.filed_at != moment:
            headers["Idempotent-Replay"] = "true"
        return Response(shape, status=201, headers=headers)


@audience(*CALLERS)
@schema.claim
class OneClaim(APIView):
    """Read one claim with its conversation."""

    def get(self, request: Request, pk: UUID) -> Response:
        claim = get_object_or_404(visible_claims(request), pk=pk)
        opened.note(request, claim)
        return Response(ClaimDetailShape(claim, context=reader_context(request)).data)


@audience(*CALLERS)
@schema.comments
class Comments(APIView):
    """Add to the conversation."""

    def post(self, request: Request, pk: UUID) -> Response:
        claim = get_object_or_404(writable_claims(request), pk=pk)
        key = idempotency_key(request)
        data = body(NewComment, request)
        direction, channel = Message.Direction.IN, str(Channel.API)
        if request.membership:
            direction = Message.Direction.NOTE if data["kind"] == "note" else Message.Direction.OUT
            # The answer leaves through the tenant's own channel; a note came through the API.
            if direction == Message.Direction.OUT:
                channel = answer_channel(claim)
        elif data["kind"] == "note":
            raise PermissionDenied(_("Only staff write internal notes."))
        if at := data.get("promise_at"):
            if not request.membership:
                raise PermissionDenied(_("Only staff promise a date."))
            note = direction == Message.Direction.NOTE
            if wrong := _("A note promises nothing.") if note else unkept(claim, at):
                raise ValidationError({"promise_at": [wrong]})
        try:
            message = write_once(
                key=f"api:{key}",
                claim=claim,
                text=data["text"],
                direction=direction,
                channel=channel,
                actor=Actor.of(request),
                now=now(),
                promise_at=data.get("promise_at"),
            )
        except KeyReused as error:
            raise Unprocessable(_("This key was used for another comment.")) from error
        return Response(MessageShape(message).data, status=201)


@audience(*CALLERS)
@schema.confidentiality
class Confidential(APIView):
    """Say whether a claim is its author's alone in the home; for the author and staff."""

    def post(self, request: Request, pk: UUID) -> Response:
        context = reader_context(request)
        if request.membership:
            claims = visible_claims(request)
        else:
            claims = visible_claims(request).filter(tenant__user=request.user)
            claims = claims.none() if context["waits"] else claims
        claim = get_object_or_404(claims, pk=pk)
        data = body(Confidentiality, request)
        confidential.mark(
            claim=claim, confidential=data["confidential"], actor=Actor.of(request), now=now()
        )
        return Response(ClaimDetailShape(claim, context=context).data)


@audience(*CALLERS)
@schema.categories
class Categories(APIView):
    """List every category that can be filed, in the caller's language."""

    def get(self, request: Request) -> Response:
        rows = Category.objects.filter(active=True).select_related("family").order_by("code")
        return Response(CategoryShape(rows, many=True).data)


@audience(*CALLERS)
@schema.units
class Units(APIView):
    """List head office, agencies and branches."""

    def get(self, request: Request) -> Response:
        return Response(UnitShape(Unit.objects.order_by("code"), many=True).data)


@audience(*DESK_ROLES)
@schema.residences
class Residences(APIView):
    """List the residences, in the order of their numbers."""

    def get(self, request: Request) -> Response:
        asked = parameters(ResidenceParameters, request)
        rows = Residence.objects.select_related("unit").order_by("pk")
        if asked.get("unit"):
            rows = rows.filter(unit__code=asked["unit"])
        if asked.get("search"):
            rows = rows.filter(name__icontains=asked["search"])
        if asked.get("after"):
            rows = rows.filter(pk__gt=asked["after"])
        limit = asked["limit"]
        found = list(rows[: limit + 1])
        results = ResidenceShape(found[:limit], many=True).data
        return Response({"results": results, "next": next_page(request, found, limit)})


@audience(PUBLIC)
@schema.hidden
class UnknownAddress(APIView):
    """Answer 404 to any other address under the API's."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise Http404
