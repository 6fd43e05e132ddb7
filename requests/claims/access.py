"""Who sees which claim. Every view starts here; what is not in the queryset is a 404."""

from datetime import date

from django.db import models
from django.db.models import DateField, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery

from agencies.access import caretaker_buildings
from portal.access import DESK_ROLES, Role
from portal.clock import now
from portal.scope import ScopedManager
from requests.claims.household import TECHNICAL_FAULT
from requests.kit.choices import OPEN, Channel
from tenants.models import Mandate, Occupancy


class ClaimQuerySet(models.QuerySet):
    """Claims narrowed to what a membership or a tenant may see."""

    def visible_to(self, membership) -> "ClaimQuerySet":
        """Claims of the unit's stock or desks, or lent to it. Head office: all; None: none."""
        if membership is None or membership.role not in DESK_ROLES:
            return self.none()
        if membership.role in {Role.HEAD_OFFICE, Role.CALL_TAKER, Role.ON_CALL}:
            return self.all()
        return self.filter(
            Q(owner__unit=membership.unit_id)
            | Q(residence__unit=membership.unit_id)
            | Q(pk__in=self.lent_to(membership.unit_id).values("pk"))
        )

    def _everybodys(self) -> "ClaimQuerySet":
        """Return all claims, for a subquery that narrows them itself."""
        return ClaimQuerySet(self.model)

    def lent_to(self, unit: int) -> "ClaimQuerySet":
        """Return the claims lent to a unit while both sides' agreement lasts."""
        return self._everybodys().filter(
            lendings__help__helper=unit,
            lendings__help__state="accepted",
            lendings__help__until__gt=now(),
        )

    def for_caretaker(self, membership) -> "ClaimQuerySet":
        """Faults in a caretaker's own buildings, and what was reported on a round.

        Never sensitive ones, never paperwork (rent, lease, social support), nothing for other
        roles. Of a household only ``requests.rounds.queries`` may speak: what, which door, when.
        """
        return self.filter(
            Q(category__urgency__startswith="U") | Q(channel=Channel.ROUND, dwelling=None),
            building__in=caretaker_buildings(membership),
            category__sensitive=False,
        )

    def own_of(self, user) -> "ClaimQuerySet":
        """Return the claims whose author ``user`` is: always theirs, wherever they live now."""
        return self.filter(tenant__user=user)

    def of_user(self, user, today: date) -> "ClaimQuerySet":
        """Return what ``user`` may read on ``today`` (Europe/Paris): own claims, and shared ones.

        Shared: technical faults of the home that a person sorted (``requests.claims.household``),
        while reader and author both live there under the author's lease.
        """
        return self._own_or_shared(user, Occupancy.objects.in_force(today), today)

    def acted_on_by(self, user, today: date) -> "ClaimQuerySet":
        """Return the claims of ``of_user`` on which ``user`` may write and decide.

        Holder and joint tenants; a mere occupant of the home only reads.
        """
        return self._own_or_shared(user, Occupancy.objects.in_force(today).acting(), today)

    def _own_or_shared(self, user, stays: models.QuerySet, today: date) -> "ClaimQuerySet":
        """``stays``: the occupancies that count for the reader. One union, so that both use an
        index."""
        stays = stays.filter(tenant__user=user)
        # An import leaves former leases open: only the author's newest one of this home counts.
        authors = (
            Occupancy.objects.in_force(today)
            .filter(tenant=OuterRef("tenant"), lease__dwelling=OuterRef("dwelling"))
            .order_by("-lease__starts", "-lease")
        )
        here_since = stays.filter(
            lease=OuterRef("authors_lease"), starts__lte=OuterRef("filed_at__date")
        )
        everybodys = self._everybodys()
        shared = (
            everybodys.filter(
                **TECHNICAL_FAULT,
                sorted_at__isnull=False,
                follows__isnull=True,
                dwelling__in=stays.values("lease__dwelling"),
            )
            .annotate(authors_lease=Subquery(authors.values("lease")[:1]))
            .filter(Exists(here_since))
        )
        own = everybodys.own_of(user)
        return self.filter(pk__in=own.values("pk").union(shared.values("pk")))

    def of_proxy(self, user, today: date) -> "ClaimQuerySet":
        """Claims of the tenants whose mandate ``user`` holds on ``today`` (Europe/Paris).

        Only those open at some time since it began; the confidential ones, and what nobody has
        sorted yet, if it says so.
        """
        held = Mandate.objects.held_by(user, today).filter(tenant=OuterRef("tenant"))
        held = held.annotate(
            ended=ExpressionWrapper(OuterRef("ended_at__date"), output_field=DateField())
        ).filter(Q(ended__isnull=True) | Q(ended__gte=F("starts")))
        everything = held.filter(scope=Mandate.Scope.ALL)
        ordinary = Q(category__sensitive=False, sorted_at__isnull=False)
        return self.filter(Exists(held), ordinary | Exists(everything))

    def shared_in(self, building: int, staircase: int | None = None) -> "ClaimQuerySet":
        """Return the open claims about what neighbours share.

        Read them through ``requests.incidents.known_faults`` only.

        Those of another staircase are left out when ``staircase`` is known. Never sensitive ones,
        never "me too" copies.
        """
        rows = self.filter(
            building=building,
            category__collective=True,
            category__sensitive=False,
            follows__isnull=True,
            state__in=OPEN,
        )
        if staircase:
            rows = rows.filter(Q(staircase__isnull=True) | Q(staircase=staircase))
        return rows

    def in_common_parts(self) -> "ClaimQuerySet":
        """Faults of common parts and residences, open or ended, that anybody may hear of.

        Never one of a dwelling, never a confidential one, each fault once. Read them through
        ``requests.open311.serializers`` only.
        """
        return self.filter(
            residence__isnull=False,
            dwelling__isnull=True,
            category__collective=True,
            category__sensitive=False,
            follows__isnull=True,
        ).exclude(category__asset="dwelling")

    def by_token(self, token: str) -> "ClaimQuerySet":
        """The claim that a random link opens; the six-character reference never does."""
        return self.filter(token=token)


class ClaimManager(ScopedManager[ClaimQuerySet]):
    """The scopes a claim may be asked for through."""

    rows = ClaimQuerySet

    def visible_to(self, membership) -> ClaimQuerySet:
        return self.unscoped_rows().visible_to(membership)

    def lent_to(self, unit: int) -> ClaimQuerySet:
        return self.unscoped_rows().lent_to(unit)

    def for_caretaker(self, membership) -> ClaimQuerySet:
        return self.unscoped_rows().for_caretaker(membership)

    def own_of(self, user) -> ClaimQuerySet:
        return self.unscoped_rows().own_of(user)

    def of_user(self, user, today: date) -> ClaimQuerySet:
        return self.unscoped_rows().of_user(user, today)

    def acted_on_by(self, user, today: date) -> ClaimQuerySet:
        return self.unscoped_rows().acted_on_by(user, today)

    def of_proxy(self, user, today: date) -> ClaimQuerySet:
        return self.unscoped_rows().of_proxy(user, today)

    def shared_in(self, building: int, staircase: int | None = None) -> ClaimQuerySet:
        return self.unscoped_rows().shared_in(building, staircase)

    def in_common_parts(self) -> ClaimQuerySet:
        return self.unscoped_rows().in_common_parts()

    def by_token(self, token: str) -> ClaimQuerySet:
        return self.unscoped_rows().by_token(token)
