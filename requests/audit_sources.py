"""The tables of the requests that belong to the audit trail (portal/audit/, T16)."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from portal.audit.sources import Personal, Source
from requests.audit.models import EmergencyOpening, ListView, RecordView
from requests.channels.models import IntakeView
from requests.claims.event_models import ClaimEvent
from requests.claims.transitions import HOLD
from requests.figures.models import FigureView
from requests.work_orders.models import AccessView, OrderEvent


def _actor(column: str = "actor_id") -> Personal:
    return Personal("actor", (column,), (("user", column),))


def _about(path: str, *columns: str) -> Personal:
    """Return the columns that say something about the author of the claim at ``path``."""
    author, claim = f"{path}__tenant_id", f"{path}_id"
    return Personal("about", columns, (("tenant", author), ("claim", claim)))


SOURCES = (
    Source(
        "claim_event",
        _("event of a request"),
        ClaimEvent,
        (_actor(), _about("claim", "facts", "before")),
        # Who undoes a step does so within HOLD; the chain keeps what stands.
        hold=2 * HOLD + timedelta(seconds=5),
    ),
    Source(
        "order_event",
        _("event of an order"),
        OrderEvent,
        (
            _actor(),
            Personal(
                "about",
                ("facts",),
                (("tenant", "order__claim__tenant_id"), ("claim", "order__claim_id")),
            ),
        ),
    ),
    Source("access_view", _("look at a door code"), AccessView, (_actor(),)),
    Source("intake_view", _("opening of a raw input"), IntakeView, (_actor(),)),
    Source("list_view", _("look at a list"), ListView, (_actor("reader_id"),)),
    Source("figure_view", _("look at figures"), FigureView),
    Source(
        "record_view",
        _("opening of a record"),
        RecordView,
        (
            _actor("reader_id"),
            Personal("about", ("tenant_id",), (("tenant", "tenant_id"), ("claim", "claim_id"))),
        ),
    ),
    Source(
        "emergency",
        _("emergency opening"),
        EmergencyOpening,
        (_actor("asker_id"), _about("claim", "reason")),
    ),
)
