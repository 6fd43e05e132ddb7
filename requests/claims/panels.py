"""What a slice shows on the page of a claim for staff: a panel (docs/adr/0028-panels.md)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.forms import BaseForm

from agencies.models import Membership
from portal.models import User
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim

F = TypeVar("F", bound=BaseForm)
T = TypeVar("T")


@dataclass(frozen=True)
class ClaimPage:
    """What every panel of one page may read, fetched once.

    ``claim`` is one that ``membership`` may see, as ``lookup.visible_claim`` fetches it;
    ``events`` are its events with their actors, oldest first. ``form`` is the form that came back
    with mistakes, or that is filled in beforehand; ``again`` the undone event whose words are
    taken up again. ``following`` returns the next claim of the list beside the page, ``barred``
    the steps that another slice closes to this reader; ``step`` is the one whose form they opened.
    """

    claim: Claim
    membership: Membership
    user: User
    events: list[ClaimEvent]
    moment: datetime
    following: Callable[[], UUID | None] = lambda: None
    barred: Callable[[], Collection[str]] = tuple
    step: str = ""
    form: BaseForm | None = None
    again: ClaimEvent | None = None
    _computed: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def form_of(self, kind: type[F]) -> F | None:
        """Return the form that came back when it is of this class."""
        return self.form if isinstance(self.form, kind) else None

    def compute_once(self, name: str, compute: Callable[[], T]) -> T:
        """Return what ``compute`` returns; what several panels read is computed once a page."""
        if name not in self._computed:
            self._computed[name] = compute()
        return self._computed[name]


@dataclass(frozen=True)
class Panel:
    """A part of the page, drawn by ``template`` from its own ``context`` and ``ClaimPage``.

    ``context`` returns None when there is nothing to show. The element on the page has the id
    ``panel-<name>``. Templates also read ``claim`` and
    ``here``, the query of the list that every address carries on. A panel writes nothing.
    """

    name: str
    template: str
    context: Callable[[ClaimPage], dict | None]
