"""Remember who writes from where, once a person said so (docs/adr/0046-who-writes.md)."""

from agencies.access import is_employee
from requests.claims.effects import Effect, Step
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.identity.senders import written_from
from tenants.actions import contact_points
from tenants.models import Tenant


class LearnEffect(Effect):
    """Linking a sender to a person teaches it; undoing the link unlearns it.

    Only what the request itself came from, and only when the step says ``learn``.
    """

    def after_step(self, step: Step) -> None:
        """Note the point as theirs; how to undo it stands in the facts of the event."""
        if step.name != Event.IDENTIFY or not step.facts.pop("learn", False):
            return
        written = written_from(step.claim)
        if written is None or is_employee(written.value):
            return
        tenant = Tenant.objects.system("learning who writes").get(pk=step.facts["tenant"])
        step.facts["learned"] = contact_points.learn(
            tenant=tenant.current,
            kind=written.kind,
            value=written.value,
            proven=written.proven,
            by=step.actor.user,
            now=step.now,
        )

    def revert(self, event: ClaimEvent) -> None:
        """Forget what the event taught."""
        contact_points.unlearn(
            event.facts.get("learned") or {}, by=event.actor, now=event.undone_at or event.at
        )
