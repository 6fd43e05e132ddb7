"""Shapes of the answers. A field that only staff may read is removed for tenants in one place."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portal.clock import now
from requests.claims.event_models import Message
from requests.claims.events import INSIDE
from requests.claims.models import Claim
from requests.claims.workflow import TRANSITIONS
from requests.household.readers import sentences, staff_sentences
from requests.kit.choices import Channel, State, Urgency
from requests.promises.outlook import promise_said, visit_said
from requests.routing.expected_date import news_said


class CategoryShape(serializers.Serializer):
    """One thing that can go wrong or be asked for."""

    code = serializers.CharField()
    label = serializers.CharField(source="__str__")
    plain_language = serializers.CharField()
    safety_advice = serializers.CharField()
    family = serializers.CharField(source="family.code")
    urgency = serializers.ChoiceField(Urgency.choices)
    collective = serializers.BooleanField()


class UnitShape(serializers.Serializer):
    """Head office, an agency or a branch."""

    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()


class ResidenceShape(serializers.Serializer):
    """A group of buildings under one name."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    commune = serializers.CharField()
    postcode = serializers.CharField()
    unit = serializers.CharField(source="unit.code")


class MessageShape(serializers.Serializer):
    """One entry of the conversation."""

    id = serializers.UUIDField()
    direction = serializers.ChoiceField(Message.Direction.choices)
    channel = serializers.ChoiceField(Channel.choices)
    text = serializers.CharField()
    at = serializers.DateTimeField()


class EventShape(serializers.Serializer):
    """One fact in the claim's life."""

    name = serializers.CharField()
    at = serializers.DateTimeField()
    state = serializers.CharField()


class ClaimShape(serializers.Serializer):
    """A claim as lists show it. Instants carry their offset."""

    STAFF_ONLY = ("tenant", "contact_name", "contact_email", "contact_phone", "labels")

    id = serializers.UUIDField()
    reference = serializers.CharField()
    state = serializers.ChoiceField(State.choices)
    state_label = serializers.CharField(source="get_state_display")
    category = serializers.CharField(source="category.code")
    category_label = serializers.CharField(source="category.__str__")
    urgency = serializers.ChoiceField(Urgency.choices)
    channel = serializers.ChoiceField(Channel.choices)
    words = serializers.SerializerMethodField()
    dwelling = serializers.IntegerField(source="dwelling_id", allow_null=True)
    staircase = serializers.IntegerField(source="staircase_id", allow_null=True)
    residence = serializers.IntegerField(source="residence_id", allow_null=True)
    place_note = serializers.SerializerMethodField()
    unit = serializers.SerializerMethodField()
    desk = serializers.SerializerMethodField()
    filed_at = serializers.DateTimeField()
    promise_at = serializers.SerializerMethodField()
    visit_at = serializers.SerializerMethodField()
    ended_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()
    reopened = serializers.IntegerField()
    confidential = serializers.BooleanField(source="is_confidential")
    tenant = serializers.UUIDField(source="tenant_id", allow_null=True, required=False)
    contact_name = serializers.CharField(required=False)
    contact_email = serializers.CharField(required=False)
    contact_phone = serializers.CharField(required=False)
    labels = serializers.ListField(child=serializers.CharField(), required=False)

    def get_fields(self) -> dict:
        fields = super().get_fields()
        if not self.context.get("staff", True):
            for name in self.STAFF_ONLY:
                del fields[name]
        return fields

    def author_reads(self, claim: Claim) -> bool:
        """Return whether the reader may read the whole claim: staff, and its author."""
        if self.context.get("staff", True):
            return True
        author = bool(claim.tenant and claim.tenant.user_id == self.context["user"].pk)
        return author and not self.context.get("waits", False)

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_promise_at(self, claim: Claim) -> str | None:
        return self._instant(promise_said(claim))

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_visit_at(self, claim: Claim) -> str | None:
        return self._instant(visit_said(claim))

    @staticmethod
    def _instant(at: datetime | None) -> str | None:
        return serializers.DateTimeField().to_representation(at) if at else None

    @extend_schema_field(serializers.CharField())
    def get_words(self, claim: Claim) -> str:
        readable = claim.written_on_own_pages or self.author_reads(claim)
        return claim.words if readable else ""

    @extend_schema_field(serializers.CharField())
    def get_place_note(self, claim: Claim) -> str:
        readable = claim.written_on_own_pages or self.author_reads(claim)
        return claim.place_note if readable else ""

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_unit(self, claim: Claim) -> str | None:
        return claim.owner.unit.code if claim.owner else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_desk(self, claim: Claim) -> str | None:
        return claim.owner.kind if claim.owner else None


class ClaimDetailShape(ClaimShape):
    """A claim with its conversation and its events; internal notes for staff only."""

    messages = serializers.SerializerMethodField()
    events = serializers.SerializerMethodField()
    readers = serializers.SerializerMethodField(
        help_text=_("Who may read the claim, in sentences; for staff and the author.")
    )

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_promise_at(self, claim: Claim) -> str | None:
        # As the page: in the seconds before routing, the date that routing will promise.
        return self._instant(news_said(claim, now()))

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_readers(self, claim: Claim) -> list[str]:
        if self.context.get("staff", True):
            return staff_sentences(claim, now())
        return sentences(claim, now(), named=True) if self.author_reads(claim) else []

    @extend_schema_field(MessageShape(many=True))
    def get_messages(self, claim: Claim) -> list:
        entries = claim.messages.all()
        if not self.context.get("staff", True):
            entries = entries.exclude(direction=Message.Direction.NOTE)
        if not self.author_reads(claim):
            entries = entries.for_household()
        return MessageShape(entries, many=True).data

    @extend_schema_field(EventShape(many=True))
    def get_events(self, claim: Claim) -> list:
        rows = claim.events.all()
        if not self.context.get("staff", True):
            rows = rows.exclude(name__in=INSIDE)
        if not self.author_reads(claim):
            # Steps of the fault only. A complaint or a proxy about it is its author's affair.
            rows = rows.filter(name__in=["filed", "routed", *TRANSITIONS])
        return EventShape(rows, many=True).data


class ClaimPage(serializers.Serializer):
    """One page of claims, newest first."""

    results = ClaimShape(many=True)
    next = serializers.URLField(allow_null=True)


class ResidencePage(serializers.Serializer):
    """One page of residences."""

    results = ResidenceShape(many=True)
    next = serializers.URLField(allow_null=True)


class ProblemPlace(serializers.Serializer):
    """Where it is wrong: in the body, in the address or in a header."""

    pointer = serializers.CharField(required=False)
    parameter = serializers.CharField(required=False)
    header = serializers.CharField(required=False)
    detail = serializers.CharField()


class Problem(serializers.Serializer):
    """Problem details, RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    errors = ProblemPlace(many=True, required=False)
