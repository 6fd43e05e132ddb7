"""Bodies and answers about people: how they are reached, and who probably wrote a claim."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from requests.api.bodies import StrictSerializer, TextField
from requests.identity.senders import Guess
from tenants.contact_strength import Grade, Strength, strength
from tenants.models import ContactPoint

STRENGTHS = [level.name.lower() for level in Strength]


class ContactPointShape(serializers.Serializer):
    """One way to reach a person: where it comes from, and what it is worth."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(ContactPoint.Kind.choices)
    value = serializers.CharField()
    origin = serializers.ChoiceField(ContactPoint.Origin.choices)
    proof = serializers.ChoiceField(ContactPoint.Proof.choices, allow_blank=True)
    strength = serializers.SerializerMethodField(
        help_text=_("dead: nothing is sent there; stated: nobody has confirmed it.")
    )
    preferred = serializers.BooleanField()
    waits = serializers.BooleanField(
        source="proposed", help_text=_("A person of the office must decide about it first.")
    )
    confirmed_at = serializers.DateTimeField(allow_null=True)
    bounced_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(serializers.ChoiceField(STRENGTHS))
    def get_strength(self, point: ContactPoint) -> str:
        return strength(
            verified=point.verified, proof=point.proof, failing=point.failing
        ).name.lower()


class ContactPoints(serializers.Serializer):
    """How one person is reached, the preferred point first, those given up last."""

    results = ContactPointShape(many=True)


class NewContactPoint(StrictSerializer):
    """A phone, an e-mail or an address for letters."""

    value = TextField(max_length=254, help_text=_("As a person writes it."))
    kind = serializers.ChoiceField(
        ["phone_or_email", "postal"],
        required=False,
        default="phone_or_email",
        help_text=_("postal: letters go there instead of the home, on several lines."),
    )


class ContactPointChange(StrictSerializer):
    """What changes: the value, that it comes first from now on, or that it is no longer used."""

    value = TextField(
        max_length=254, required=False, help_text=_("What is right; the wrong one is given up.")
    )
    preferred = serializers.BooleanField(
        required=False, help_text=_("True: write there first. Prefer another one to end it.")
    )

    given_up = serializers.BooleanField(
        required=False, help_text=_("True, alone: nothing is sent there any more.")
    )

    def validate(self, data: dict) -> dict:
        alone = "given_up" in data and len(data) > 1
        if not data or alone or False in data.values():
            words = _("Give a value or preferred, or given_up alone.")
            raise serializers.ValidationError({"value": [words]})
        return data


class CandidateShape(serializers.Serializer):
    """Somebody who probably wrote the claim, whom the caller may see."""

    id = serializers.UUIDField()
    name = serializers.CharField(source="__str__")


class TogetherShape(serializers.Serializer):
    """Another claim of the same sender without a tenant, which can be linked in the same step."""

    id = serializers.UUIDField()
    reference = serializers.CharField()
    version = serializers.IntegerField()


class AuthorShape(serializers.Serializer):
    """Whose the claim is, or probably is."""

    tenant = serializers.UUIDField(allow_null=True, help_text=_("Its author, once that is sure."))
    grade = serializers.ChoiceField([grade.value for grade in Grade])
    said = serializers.CharField(allow_blank=True, help_text=_("How sure it is, in a sentence."))
    candidates = CandidateShape(many=True)
    others = serializers.BooleanField(
        help_text=_("Others have the number or address, whom the caller may not see.")
    )
    together = TogetherShape(many=True)
    version = serializers.IntegerField()


class AuthorAnswer(StrictSerializer):
    """What a person says about one candidate."""

    answer = serializers.ChoiceField(["confirm", "not_this_person"])
    person = serializers.UUIDField(help_text=_("Id of the candidate."))
    together = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=20,
        required=False,
        default=list,
        help_text=_("Further claims of the same sender to link in the same step."),
    )
    version = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        help_text=_("The version that was read; another one answers 409."),
    )

    def validate(self, data: dict) -> dict:
        if data["together"] and data["answer"] != "confirm":
            raise serializers.ValidationError({"together": [_("Only when you confirm.")]})
        return data


def author_shape(claim: Any, guess: Guess | None) -> dict:
    """Return who wrote ``claim``, surely or probably."""
    grade = Grade.SURE if claim.tenant_id else Grade.UNKNOWN
    return AuthorShape(
        {
            "tenant": claim.tenant_id,
            "grade": guess.sender.grade if guess else grade,
            "said": guess.said if guess else "",
            "candidates": guess.people if guess else [],
            "others": guess.others if guess else False,
            "together": guess.together if guess else [],
            "version": claim.version,
        }
    ).data
