"""Bodies and parameters that callers may send. Unknown fields are errors, never ignored."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from requests.kit.choices import State
from requests.tenant_pages.forms import AVAILABILITY

# The maximum of PostgreSQL's bigint; no id of ours is larger.
LARGEST_ID = 2**63 - 1


class StrictSerializer(serializers.Serializer):
    """A serializer that refuses fields it does not know, and parameters without a value."""

    def to_internal_value(self, data: object) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in data if name not in self.fields)
            if unknown:
                raise serializers.ValidationError({name: [_("Unknown field.")] for name in unknown})
        if isinstance(data, QueryDict):  # of an address: as a form, it would pass as not named
            empty = sorted(name for name, values in data.lists() if "" in values)
            if empty:
                blank = serializers.CharField.default_error_messages["blank"]
                raise serializers.ValidationError({name: [blank] for name in empty})
        return super().to_internal_value(data)


class TextField(serializers.CharField):
    """A string. DRF's own field would also accept the number 12 as "12"."""

    def to_internal_value(self, data: object) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class IdentifierField(serializers.IntegerField):
    """A row's number, as a JSON integer."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_ID, **kwargs)

    def to_internal_value(self, data: object) -> Any:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class NewClaim(StrictSerializer):
    """One claim to file. Give at most one of dwelling, staircase and residence."""

    category = TextField(max_length=10, help_text=_("Code of an active category."))
    words = TextField(
        max_length=4000,
        required=False,
        default="",
        allow_blank=True,
        help_text=_("What happens, in the tenant’s words. The tenant can read it."),
    )
    dwelling = IdentifierField(required=False, help_text=_("Number of the dwelling."))
    staircase = IdentifierField(required=False, help_text=_("Number of the staircase."))
    residence = IdentifierField(required=False, help_text=_("Number of the residence."))
    place_note = TextField(
        max_length=200,
        required=False,
        default="",
        allow_blank=True,
        help_text=_("The place in words: address, room, object."),
    )
    tenant = serializers.UUIDField(
        required=False, help_text=_("Who it is for. Staff only: a tenant files for themself.")
    )
    contact_name = TextField(max_length=120, required=False, default="", allow_blank=True)
    contact_email = serializers.EmailField(
        max_length=254, required=False, default="", allow_blank=True
    )
    contact_phone = serializers.RegexField(
        r"^\+?[0-9(][0-9 ().-]{4,28}\Z", max_length=30, required=False, default="", allow_blank=True
    )
    language = serializers.ChoiceField(["fr", "en"], required=False, default="fr")
    availability = serializers.ListField(
        child=serializers.ChoiceField([code for code, _label in AVAILABILITY]),
        max_length=len(AVAILABILITY),
        required=False,
        default=list,
        help_text=_("When somebody can come."),
    )
    confidential = serializers.BooleanField(
        required=False,
        default=False,
        help_text=_("In the home, the author alone reads it; contractors read a neutral title."),
    )

    def validate(self, data: dict) -> dict:
        places = [n for n in ("dwelling", "staircase", "residence") if data.get(n)]
        if len(places) > 1:
            raise serializers.ValidationError(
                {places[1]: [_("Give one place only, the smallest you know.")]}
            )
        return data


class NewComment(StrictSerializer):
    """One entry of the conversation."""

    text = TextField(max_length=4000, help_text=_("What is said. The tenant can read it."))
    kind = serializers.ChoiceField(
        ["reply", "note"],
        required=False,
        default="reply",
        help_text=_("Staff only: a note stays internal."),
    )
    promise_at = serializers.DateTimeField(
        required=False,
        help_text=_("Staff only, in a reply: by when the next news comes. The tenant reads it."),
    )


class Confidentiality(StrictSerializer):
    """Whether a claim is its author's alone in the home."""

    confidential = serializers.BooleanField(help_text=_("False shares it as its category says."))


class ListParameters(StrictSerializer):
    """The filters of the list of claims."""

    state = serializers.MultipleChoiceField(
        choices=State.choices, required=False, help_text=_("One or several states.")
    )
    unit = serializers.SlugField(
        max_length=30, required=False, help_text=_("Code of the unit that owns the claim.")
    )
    label = serializers.CharField(
        max_length=30, required=False, help_text=_("Code of a label; for staff.")
    )
    updated_since = serializers.DateTimeField(
        required=False, help_text=_("Something happened at or after this instant.")
    )
    search = serializers.CharField(
        max_length=200, required=False, help_text=_("Reference, name, address or words.")
    )
    after = serializers.UUIDField(
        required=False, help_text=_("Id of the last claim of the page before.")
    )
    limit = serializers.IntegerField(
        min_value=1, max_value=100, required=False, default=50, help_text=_("Rows per page.")
    )


class ResidenceParameters(StrictSerializer):
    """The filters of the list of residences."""

    unit = serializers.SlugField(
        max_length=30, required=False, help_text=_("Code of the unit that looks after them.")
    )
    search = serializers.CharField(max_length=100, required=False, help_text=_("Part of the name."))
    after = serializers.IntegerField(
        min_value=1,
        max_value=LARGEST_ID,
        required=False,
        help_text=_("Id of the last residence of the page before."),
    )
    limit = serializers.IntegerField(
        min_value=1, max_value=100, required=False, default=50, help_text=_("Rows per page.")
    )
