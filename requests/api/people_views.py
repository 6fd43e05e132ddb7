"""How a person is reached, and who probably wrote a claim.

The same steps as on the pages: events, notices to the person's other points, undo by staff there.
"""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal import opened
from portal.access import DESK_ROLES, Role, audience
from portal.actor import Actor
from portal.clock import now
from portal.problems import Conflicting
from requests.api import schema_people as schema
from requests.api.people_shapes import (
    AuthorAnswer,
    ContactPointChange,
    ContactPointShape,
    NewContactPoint,
    author_shape,
)
from requests.api.views import body, visible_claims
from requests.claims import workflow
from requests.claims.models import Claim
from requests.claims.transitions import Conflict
from requests.identity import authors, contact_changes, senders
from requests.identity.contact_forms import PROBLEMS
from requests.inbox import triage
from tenants.actions import contact_points
from tenants.actions.contact_points import By
from tenants.models import AccountLink, ContactPoint, Tenant


def _refused(error: contact_points.NotPossible) -> ValidationError:
    return ValidationError({"value": [PROBLEMS[error.args[0]]]})


def _who(request: Request) -> dict:
    side = By.STAFF if request.membership else By.PERSON
    return {"side": side, "by": request.user, "now": now()}


def _person(request: Request, pk: UUID | None) -> Tenant:
    """Return whom staff name, who lives in their stock today; else the caller's own record."""
    if request.membership:
        found = get_object_or_404(Tenant.objects.at_home_with(request.membership), pk=pk)
        opened.note(request, found)
        return found
    own = getattr(request.user, "tenant", None)
    if own is None or AccountLink.objects.waiting(request.user, now()).exists():
        raise Http404
    return own.current


class _Points(APIView):
    """List how a person is reached; add a phone, an e-mail or an address for letters."""

    def get(self, request: Request, pk: UUID | None = None) -> Response:
        rows = _person(request, pk).contact_points.order_by("failing", "-preferred", "kind", "pk")
        return Response({"results": ContactPointShape(rows, many=True).data})

    def post(self, request: Request, pk: UUID | None = None) -> Response:
        tenant, given = _person(request, pk), body(NewContactPoint, request)
        who = {"tenant": tenant, "typed": given["value"], **_who(request)}
        try:
            if given["kind"] == ContactPoint.Kind.POSTAL:
                point = contact_points.add_address(**who)
            else:
                point, _asked = contact_changes.add_point(**who)
        except contact_points.NotPossible as error:
            raise _refused(error) from error
        return Response(
            ContactPointShape(point).data,
            status=201,
            headers={"Location": _address(request, tenant, point)},
        )


def _address(request: Request, tenant: Tenant, point: ContactPoint) -> str:
    if request.membership:
        return reverse("api:contact_point", args=[tenant.pk, point.pk])
    return reverse("api:own_contact_point", args=[point.pk])


class _Point(APIView):
    """Read one contact point; correct, prefer or give it up."""

    def get(self, request: Request, number: int, pk: UUID | None = None) -> Response:
        return Response(ContactPointShape(_found(request, pk, number)).data)

    def post(self, request: Request, number: int, pk: UUID | None = None) -> Response:
        point = _found(request, pk, number)
        change, who = body(ContactPointChange, request), _who(request)
        try:
            if "given_up" in change and not point.failing:
                contact_changes.give_up(point, **who)
            elif "value" in change:
                point = contact_changes.correct_point(point, typed=change["value"], **who)
        except contact_points.NotPossible as error:
            raise _refused(error) from error
        if "preferred" in change:
            if point.failing or point.proposed:
                raise ValidationError({"preferred": [PROBLEMS["given_up"]]})
            contact_points.prefer(point, **who)
        point.refresh_from_db()
        return Response(ContactPointShape(point).data)


def _found(request: Request, pk: UUID | None, number: int) -> ContactPoint:
    return get_object_or_404(_person(request, pk).contact_points, pk=number)


@audience(*DESK_ROLES)
@schema.points
class PersonPoints(_Points):
    """How somebody of the caller's stock is reached."""


@audience(*DESK_ROLES)
@schema.point
class PersonPoint(_Point):
    """One contact point of somebody of the caller's stock."""


@audience(Role.TENANT)
@schema.own_points
class OwnPoints(_Points):
    """How the caller is reached. A new point is theirs once its code was typed on the page."""


@audience(Role.TENANT)
@schema.own_point
class OwnPoint(_Point):
    """One contact point of the caller."""


@audience(*DESK_ROLES)
@schema.author
class Author(APIView):
    """Read who wrote a claim, surely or probably; confirm it, or say that it is somebody else."""

    def get(self, request: Request, pk: UUID) -> Response:
        return self._shown(request, self._claim(request, pk))

    def post(self, request: Request, pk: UUID) -> Response:
        claim, given, moment = self._claim(request, pk), body(AuthorAnswer, request), now()
        guess = senders.guess(claim, request.membership, moment)
        candidates = {person.pk: person for person in guess.people} if guess else {}
        person = candidates.get(given["person"])
        if guess is None or person is None:
            raise ValidationError({"person": [PROBLEMS["no_candidate"]]})
        step: dict[str, Any] = {
            "claim": claim,
            "actor": Actor.member(request.membership),
            "version": given.get("version"),
            "now": moment,
        }
        try:
            if given["answer"] == "confirm":
                others = [row for row in guess.together if row.pk in given["together"]]
                triage.identify_together(others=others, tenant=person, learn=True, **step)
            else:
                authors.rule_out(person=person, **step)
        except (Conflict, workflow.NotAllowed) as error:
            raise Conflicting from error
        return self._shown(request, self._claim(request, pk))

    def _claim(self, request: Request, pk: UUID) -> Claim:
        claim = get_object_or_404(visible_claims(request), pk=pk)
        opened.note(request, claim)
        return claim

    def _shown(self, request: Request, claim: Claim) -> Response:
        return Response(author_shape(claim, senders.guess(claim, request.membership, now())))
