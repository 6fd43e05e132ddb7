"""Endpoints: made, switched, given a new secret, given up after a long failure."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from agencies.models import new_secret
from requests.notifications import alarms
from requests.webhooks import outbox, retries, signatures
from requests.webhooks.models import WebhookEndpoint, WebhookMessage

BOTH_KEYS = timedelta(hours=24)  # old and new sign together after a change
KEPT = timedelta(days=30)  # messages, to look at and to send again


def make(*, name: str, address: str, events: list[str], by, now: datetime) -> WebhookEndpoint:
    """Make an endpoint with keys of its own. Its secret is ``secret_of``, to be shown once."""
    salt = new_secret()
    return WebhookEndpoint.objects.create(
        name=name,
        address=address,
        events=events,
        salt=salt,
        public=signatures.keys_from(salt).public,
        made_at=now,
        made_by=by,
    )


def secret_of(endpoint: WebhookEndpoint) -> str:
    """Return the shared secret, for the one time that it is shown. Raises KeyLost."""
    return signatures.keys_of(endpoint.salt, endpoint.public).secret


def renew_secret(endpoint: WebhookEndpoint, *, now: datetime) -> str:
    """Give new keys and return the new secret; the old ones sign beside them for a day."""
    endpoint.former_salt, endpoint.former_public = endpoint.salt, endpoint.public
    endpoint.former_until = now + BOTH_KEYS
    try:
        signatures.keys_of(endpoint.salt, endpoint.public)
    except signatures.KeyLost:
        endpoint.former_until = None
    endpoint.salt = new_secret()
    endpoint.public = signatures.keys_from(endpoint.salt).public
    endpoint.save()
    return secret_of(endpoint)


@transaction.atomic
def switch_on(endpoint: WebhookEndpoint, *, now: datetime) -> int:
    """Switch an endpoint on and plan all that waits for it. Returns how much that is."""
    locked = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    if locked.active:
        return 0
    locked.active, locked.off, locked.off_at = True, "", None
    locked.failures, locked.failing_since, locked.quiet_until = 0, None, None
    locked.save()
    waiting = list(
        locked.messages.filter(state=WebhookMessage.State.WAITING).order_by("created_at")
    )
    for message in waiting:
        outbox.plan(message, now=now, tries=0)
    return len(waiting)


def switch_off(endpoint: WebhookEndpoint, *, why: str, now: datetime) -> None:
    """Switch an endpoint off; when no person did it, the administrators get a mail."""
    endpoint.active, endpoint.off, endpoint.off_at = False, why, now
    endpoint.save(update_fields=["active", "off", "off_at"])
    if why == WebhookEndpoint.Off.PERSON:
        return
    with translation.override(settings.LANGUAGE_CODE):
        alarms.raise_alarm(
            key=f"webhook:{endpoint.pk}:{now:%Y%m%d%H%M}",
            subject=_("Webhook switched off: %(name)s") % {"name": endpoint.name},
            text=_(
                "%(name)s: %(why)s. What happens meanwhile is kept for 30 days and leaves once it "
                "is switched on again: %(link)s"
            )
            % {
                "name": endpoint.name,
                "why": WebhookEndpoint.Off(why).label,
                "link": f"{settings.PALIER_URL}/console/webhooks/{endpoint.pk}/",
            },
            now=now,
        )


def note_success(endpoint: WebhookEndpoint) -> None:
    """Write that it answered well: what failed before is forgotten."""
    if endpoint.failures or endpoint.failing_since or endpoint.quiet_until:
        endpoint.failures, endpoint.failing_since, endpoint.quiet_until = 0, None, None
        endpoint.save(update_fields=["failures", "failing_since", "quiet_until"])


def note_failure(endpoint: WebhookEndpoint, *, wait: timedelta, now: datetime) -> None:
    """Write one more failure; let it rest, and switch it off after three days of them."""
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    endpoint.quiet_until = now + max(retries.quiet_after(endpoint.failures), wait)
    endpoint.save(update_fields=["failures", "failing_since", "quiet_until"])
    if endpoint.active and retries.is_given_up(endpoint.failing_since, now):
        switch_off(endpoint, why=WebhookEndpoint.Off.FAILING, now=now)


def tidy(now: datetime) -> int:
    """Delete messages older than 30 days, with their attempts. Returns how many."""
    found = WebhookMessage.objects.filter(created_at__lt=now - KEPT)
    return found.delete()[0]
