"""The history of one invented claim: every step goes through the transition table, or raises."""

import uuid
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.conf import settings

from requests.attachments.models import Attachment
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.claims.household import is_sorted_at_filing, is_sorted_by_step
from requests.claims.models import Claim
from requests.claims.workflow import TRANSITIONS
from requests.demo.bulk_copy import Bulk
from requests.demo.pictures import Picture
from requests.kit.choices import ENDED, State
from requests.routing.decide import Decision
from requests.routing.decision_models import RoutingDecision
from requests.routing.routing_input import RoutingInput

REOPENS = {Event.REOPEN, Event.SAY_NOT_FIXED}


class ClaimHistory:
    """Collect what happens to one claim, then write it. Times are aware, in UTC."""

    def __init__(
        self, bulk: Bulk, rng: Random, filed_at: datetime, category: str, **claim: object
    ) -> None:
        self.bulk, self.rng = bulk, rng
        self.claim: dict[str, Any] = claim | {
            "id": uuid.UUID(int=rng.getrandbits(128), version=4),
            "token": f"{rng.getrandbits(200):043x}"[-43:],
            "filed_at": filed_at,
            "state": State.RECEIVED.value,
            "version": 1,
            "sorted_at": None,
            "reopened": 0,
        }
        self.at = filed_at
        self.category = category

    @property
    def about(self) -> dict[str, str]:
        """Return what the rule of sorting looks at."""
        return {"category": self.category, "unsorted": settings.PALIER_UNSORTED_CATEGORY}

    @property
    def state(self) -> str:
        return self.claim["state"]

    def event(self, name: str, role: str, actor: uuid.UUID | None = None, **facts: object) -> None:
        """Add a fact that changes no state; the first one is the filing."""
        if name == "filed" and is_sorted_at_filing(
            channel=self.claim["channel"], role=str(role), **self.about
        ):
            self.claim["sorted_at"] = self.at
        self.bulk[ClaimEvent].add(
            claim_id=self.claim["id"],
            name=name,
            at=self.at,
            actor_id=actor,
            role=str(role),
            state=self.state,
            facts=facts,
        )

    def step(self, name: str, role: str, actor: uuid.UUID | None = None, **facts: object) -> None:
        """Add one transition, as the action would write it."""
        row = TRANSITIONS[name]
        if self.state not in row.sources or role not in row.roles:
            raise ValueError(f"{name} from {self.state} by {role}")
        missing = [need for need in row.needs if not facts.get(need)]
        if missing:
            raise ValueError(f"{name} needs {missing}")
        claim = self.claim
        if row.target:
            claim["state"] = str(row.target)
        if name in REOPENS:
            claim["reopened"] += 1
        for moment in ("visit_at", "promise_at"):
            if facts.get(moment):
                claim[moment] = facts[moment]
                facts[moment] = facts[moment].isoformat()
        if name == Event.HAND_OVER:
            claim["owner_id"] = facts["desk"]
            claim["promise_at"] = facts["due"]
            facts["due"] = facts["due"].isoformat()
        if not claim["sorted_at"] and is_sorted_by_step(
            transition=name, role=str(role), **self.about
        ):
            claim["sorted_at"] = self.at
        claim["version"] += 1
        claim["ended_at"] = self.at if claim["state"] in ENDED else None
        self.event(name, role, actor, **facts)

    def add_decision(
        self, decision: Decision, facts: RoutingInput, desk: int, promise_at: datetime
    ) -> None:
        """Add the desk, the promise and the reason; two seconds after filing."""
        self.at += timedelta(seconds=2)
        self.claim |= {"owner_id": desk, "routed_at": self.at, "promise_at": promise_at}
        self.bulk[RoutingDecision].add(
            claim_id=self.claim["id"],
            desk_id=desk,
            rule=decision.rule,
            rule_version=decision.version,
            facts=facts.as_dict(),
            at=self.at,
        )
        self.event(Event.ROUTED, "system", desk=desk, rule=decision.rule)

    def say(
        self, direction: str, channel: str, text: str, author: uuid.UUID | None = None
    ) -> uuid.UUID:
        """Add one entry of the conversation; return its key."""
        key = uuid.UUID(int=self.rng.getrandbits(128), version=4)
        self.bulk[Message].add(
            id=key,
            claim_id=self.claim["id"],
            direction=str(direction),
            channel=str(channel),
            author_id=author,
            text=text,
            at=self.at,
        )
        return key

    def photo(self, picture: Picture, message: uuid.UUID | None) -> None:
        """Add a picture that came with a message."""
        self.bulk[Attachment].add(
            id=uuid.UUID(int=self.rng.getrandbits(128), version=4),
            claim_id=self.claim["id"],
            message_id=message,
            kind=Attachment.Kind.PHOTO.value,
            channel=self.claim["channel"],
            name="photo.jpg",
            file=picture.file,
            content_type="image/jpeg",
            size=picture.size,
            width=640,
            height=480,
            sha256=picture.sha256,
            at=self.at,
        )

    def write(self) -> None:
        self.bulk[Claim].add(**self.claim)
