"""What the OpenAPI description says of people: contact points, and the author of a claim."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view

from requests.api.people_shapes import (
    AuthorAnswer,
    AuthorShape,
    ContactPointChange,
    ContactPoints,
    ContactPointShape,
    NewContactPoint,
)
from requests.api.schema import CHECKED, READ, UNSEEN, problem

CHANGED = {(409, "application/problem+json"): problem(_("It changed meanwhile: read it again."))}
NEW = OpenApiExample(
    "phone", summary=_("A phone"), value={"value": "06 00 00 00 00"}, request_only=True
)
CONFIRM = OpenApiExample(
    "confirm",
    summary=_("The person wrote it themselves"),
    value={"answer": "confirm", "person": "6f6f5a0e-5b5c-4a53-9d8e-0d8f3a3f0b11", "together": []},
    request_only=True,
)


def _list(name: str):
    return extend_schema_view(
        get=extend_schema(
            operation_id=f"{name}_list",
            summary=_("List contact points"),
            responses={200: ContactPoints, **READ, **UNSEEN},
        ),
        post=extend_schema(
            operation_id=f"{name}_create",
            summary=_("Add a contact point"),
            request=NewContactPoint,
            responses={201: ContactPointShape, **CHECKED, **READ, **UNSEEN},
            examples=[NEW],
        ),
    )


def _one(name: str):
    return extend_schema_view(
        get=extend_schema(
            operation_id=f"{name}_read",
            summary=_("Read a contact point"),
            responses={200: ContactPointShape, **READ, **UNSEEN},
        ),
        post=extend_schema(
            operation_id=f"{name}_change",
            summary=_("Correct, prefer or give up a contact point"),
            request=ContactPointChange,
            responses={200: ContactPointShape, **CHECKED, **READ, **UNSEEN},
        ),
    )


points, point = _list("person_contacts"), _one("person_contacts")
own_points, own_point = _list("own_contacts"), _one("own_contacts")
author = extend_schema_view(
    get=extend_schema(
        operation_id="claims_author",
        summary=_("Read who wrote a claim, or probably did"),
        responses={200: AuthorShape, **READ, **UNSEEN},
    ),
    post=extend_schema(
        operation_id="claims_author_answer",
        summary=_("Confirm who wrote a claim, or say that it is not this person"),
        request=AuthorAnswer,
        responses={200: AuthorShape, **CHECKED, **READ, **UNSEEN, **CHANGED},
        examples=[CONFIRM],
    ),
)
