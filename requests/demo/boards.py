"""What stands on the boards of the demo: every figure counted, the agencies' words beside them."""

from datetime import datetime, timedelta

from agencies.models import Membership, Unit
from portal.access import Role
from requests.demo.claims import SHORT_OF_STAFF
from requests.demo.landlord import unit_code
from requests.figures import actions, public, upkeep
from requests.figures.models import Annotation


def build(now: datetime) -> None:
    """Count the figures; let two agencies say what explains theirs, and one person keep a board."""
    upkeep.rebuild(now=now)
    public.publish(now)
    words = {
        unit_code(SHORT_OF_STAFF): "deux postes vacants depuis l’été",
        unit_code(0): "chaudière neuve en octobre",
    }
    for unit in Unit.objects.filter(code__in=words):
        manager = _member(unit, Role.AGENCY_MANAGER)
        if manager:
            actions.annotate(
                membership=manager,
                figure=Annotation.Figure.LINE,
                text=words[unit.code],
                now=now - timedelta(days=20),
            )
    head = Membership.objects.filter(role=Role.HEAD_OFFICE).order_by("pk").first()
    if head:
        actions.keep_board(
            membership=head,
            name="Chauffage, sur un an",
            board="customers",
            query="days=365&family=CHA",
        )
        actions.want_digest(membership=head, wanted=True)


def _member(unit: Unit, role: str) -> Membership | None:
    return Membership.objects.filter(unit=unit, role=role).order_by("pk").first()
