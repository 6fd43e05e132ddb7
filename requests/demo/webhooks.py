"""Two other systems that were told: one switched off by a person, one that failed for days.

Both are off, so that a demonstration calls nobody.
"""

from datetime import datetime, timedelta

from agencies.models import Membership
from portal.access import Role
from requests.claims.event_models import ClaimEvent
from requests.webhooks import endpoints, event_types
from requests.webhooks.models import WebhookAttempt, WebhookEndpoint, WebhookMessage

State = WebhookMessage.State


def build(now: datetime) -> None:
    """Write the endpoints with some messages and attempts; claims must exist."""
    admin = Membership.objects.filter(role=Role.ADMIN).select_related("user").earliest("pk").user
    erp = endpoints.make(
        name="ERP Patrimoine",
        address="https://erp.palier.example/palier",
        events=[],
        by=admin,
        now=now - timedelta(days=60),
    )
    calls = endpoints.make(
        name="Standard téléphonique",
        address="https://telephonie.palier.example/hooks/palier",
        events=["claim.filed", "claim.plan", "claim.late"],
        by=admin,
        now=now - timedelta(days=20),
    )
    Off = WebhookEndpoint.Off
    WebhookEndpoint.objects.filter(pk=erp.pk).update(
        active=False, off=Off.PERSON, off_at=now - timedelta(hours=2)
    )
    WebhookEndpoint.objects.filter(pk=calls.pk).update(
        active=False,
        off=Off.FAILING,
        off_at=now - timedelta(hours=9),
        failing_since=now - timedelta(days=3, hours=9),
        failures=14,
    )
    events = ClaimEvent.objects.system("demo").filter(name__in=event_types.TOLD)
    for number, event in enumerate(events.order_by("-at", "-pk")[:12]):
        endpoint = calls if number % 4 == 0 else erp
        failed = endpoint == calls
        at = now - timedelta(hours=3 + number, minutes=7 * number)
        message = WebhookMessage.objects.create(
            endpoint=endpoint,
            event=event,
            kind=event_types.type_of(event.name),
            payload=event_types.payload(
                kind=event_types.type_of(event.name),
                at=event.at,
                site="https://palier.example",
                claim=event.claim_id,
                state=event.state,
            ),
            state=State.FAILED if failed else State.DELIVERED,
            tries=2 if failed else 1,
            created_at=at,
            delivered_at=None if failed else at + timedelta(seconds=2),
        )
        WebhookAttempt.objects.bulk_create(
            WebhookAttempt(
                message=message,
                at=at + timedelta(minutes=5 * turn),
                status=None if failed else 204,
                error="ConnectTimeout: " if failed else "",
                milliseconds=10_000 if failed else 84 + 7 * number,
            )
            for turn in range(message.tries)
        )
