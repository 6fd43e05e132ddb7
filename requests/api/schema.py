"""What the OpenAPI description adds to the code: errors, headers and examples."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)

from requests.api.bodies import (
    Confidentiality,
    ListParameters,
    NewClaim,
    NewComment,
    ResidenceParameters,
)
from requests.api.serializers import (
    CategoryShape,
    ClaimDetailShape,
    ClaimPage,
    ClaimShape,
    MessageShape,
    Problem,
    ResidencePage,
    UnitShape,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

KEY_PATTERN = "[!-~]{8,80}"  # visible ASCII
KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    pattern=rf"^{KEY_PATTERN}$",
    description=_(
        "Your own key, new for each new content. Sending again with the same key changes nothing."
    ),
)


def problem(words: "StrOrPromise") -> OpenApiResponse:
    """Return the description of an error."""
    return OpenApiResponse(Problem, description=words)


READ = {
    (401, "application/problem+json"): problem(_("Nobody signed in.")),
    (403, "application/problem+json"): problem(_("Not for this role.")),
    (429, "application/problem+json"): problem(_("Too many calls.")),
}
CHECKED = {
    (400, "application/problem+json"): problem(_("Something sent is wrong; errors says where."))
}
UNSEEN = {
    (404, "application/problem+json"): problem(_("Nothing there, or not for the caller to see."))
}
REUSED = {(422, "application/problem+json"): problem(_("The key was used for something else."))}

EXAMPLE = OpenApiExample(
    "leak",
    summary=_("A leak, filed by the contact centre"),
    value={
        "category": "PLO-03",
        "words": "L'eau coule sous l'évier depuis ce matin.",
        "dwelling": 1204,
        "contact_name": "Awa Traoré",
        "contact_phone": "06 00 00 00 00",
        "language": "fr",
        "availability": ["weekday_am"],
    },
    request_only=True,
)
COMMENT = OpenApiExample(
    "reply",
    summary=_("An answer to the tenant"),
    value={"text": "Le plombier passe mardi entre 8 h et 10 h.", "kind": "reply"},
    request_only=True,
)

claims = extend_schema_view(
    get=extend_schema(
        operation_id="claims_list",
        summary=_("List claims"),
        parameters=[ListParameters],
        responses={200: ClaimPage, **CHECKED, **READ},
    ),
    post=extend_schema(
        operation_id="claims_create",
        summary=_("File a claim"),
        parameters=[KEY],
        request=NewClaim,
        responses={201: ClaimShape, **CHECKED, **READ, **REUSED},
        examples=[EXAMPLE],
    ),
)
claim = extend_schema_view(
    get=extend_schema(
        operation_id="claims_read",
        summary=_("Read a claim"),
        responses={200: ClaimDetailShape, **READ, **UNSEEN},
    )
)
comments = extend_schema_view(
    post=extend_schema(
        operation_id="comments_create",
        summary=_("Write in the conversation"),
        parameters=[KEY],
        request=NewComment,
        responses={201: MessageShape, **CHECKED, **READ, **UNSEEN, **REUSED},
        examples=[COMMENT],
    )
)
confidentiality = extend_schema_view(
    post=extend_schema(
        operation_id="claims_confidential",
        summary=_("Make a claim confidential, or share it again"),
        request=Confidentiality,
        responses={200: ClaimDetailShape, **CHECKED, **READ, **UNSEEN},
    )
)
categories = extend_schema_view(
    get=extend_schema(
        operation_id="categories_list",
        summary=_("Read the catalogue"),
        responses={200: CategoryShape(many=True), **READ},
    )
)
units = extend_schema_view(
    get=extend_schema(
        operation_id="units_list",
        summary=_("List the units"),
        responses={200: UnitShape(many=True), **READ},
    )
)
residences = extend_schema_view(
    get=extend_schema(
        operation_id="residences_list",
        summary=_("List the residences"),
        parameters=[ResidenceParameters],
        responses={200: ResidencePage, **CHECKED, **READ},
    )
)
hidden = extend_schema(exclude=True)
