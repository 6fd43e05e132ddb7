"""Querysets that say who may see which claim.

Every view reads claims through them; a claim that is not in the queryset is a 404.
"""

from collections.abc import Iterable
from datetime import date

from django.db import models
from django.db.models import DateField, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery

from agencies.access import caretaker_buildings
from agencies.models import Membership
from portal.access import DESK_ROLES, Role
from portal.arrays import one_of
from portal.clock import now
from portal.database.readers import alias_of
from portal.models import User
from portal.scope import ScopedManager
from requests.claims.household import NOT_CONFIDENTIAL, ORDINARY, TECHNICAL_FAULT
from requests.kit.choices import OPEN, Channel
from tenants.models import AccountLink, Mandate, Occupancy, Tenant

# What a unit sees: its own, what is of its stock with another's desk, and what is lent to it.
SHARES = ("own", "beside", "lent")
SEE_ALL = frozenset({Role.HEAD_OFFICE, Role.CALL_TAKER, Role.ON_CALL})


class ClaimQuerySet(models.QuerySet):
    """Claims narrowed to what a membership or a tenant may see."""

    def visible_to(self, membership: Membership | None) -> "ClaimQuerySet":
        """Return the claims that the member may see.

        A desk of an agency sees the claims of the unit's stock, those owned by its desks, and those
        lent to it. Head office, the contact centre and the on-call role see all claims. ``None``
        and every other role see none.
        """
        if membership is None or membership.role not in DESK_ROLES:
            return self.none()
        if membership.role in SEE_ALL:
            return self.all()
        unit = membership.unit_id
        return self.filter(Q(unit=unit) | Q(beside=unit) | one_of("pk", self.lent_to(unit)))

    def share_of(self, membership: Membership | None, share: str) -> "ClaimQuerySet":
        """Return one of ``SHARES`` of what the member sees.

        An index reads each in the order of a list, where their OR would sort all that a unit ever
        had. For who sees all, ``own`` is all.
        """
        if membership is None or membership.role not in DESK_ROLES:
            return self.none()
        if membership.role in SEE_ALL:
            return self.all() if share == "own" else self.none()
        unit = membership.unit_id
        conditions = {"own": Q(unit=unit), "beside": Q(beside=unit)}
        return self.filter(conditions.get(share) or one_of("pk", self.lent_to(unit)))

    def _all_claims(self) -> "ClaimQuerySet":
        """Return all claims, for a subquery that narrows them itself."""
        return ClaimQuerySet(self.model, using=alias_of(self))

    def lent_to(self, unit: int) -> "ClaimQuerySet":
        """Return the claims lent to a unit while both sides' agreement lasts.

        Never one that is confidential, nor one that became so.
        """
        return self._all_claims().filter(
            **NOT_CONFIDENTIAL,
            lendings__help__helper=unit,
            lendings__help__state="accepted",
            lendings__help__until__gt=now(),
        )

    def for_caretaker(self, membership: Membership) -> "ClaimQuerySet":
        """Return faults in a caretaker's own buildings, and what was reported on a round.

        Sensitive claims and administrative ones (rent, lease, social support) are left out; other
        roles see nothing. Only ``requests.rounds.queries`` may show anything about a household:
        the fault, the dwelling, the date.
        """
        return self.for_caretakers().filter(building__in=caretaker_buildings(membership))

    def for_caretakers(self) -> "ClaimQuerySet":
        """Return what the caretakers of their buildings see."""
        return self.filter(
            Q(category__urgency__startswith="U") | Q(channel=Channel.ROUND, dwelling=None),
            **NOT_CONFIDENTIAL,
        )

    def own_of(self, user: User) -> "ClaimQuerySet":
        """Return the claims that ``user`` filed as a tenant, wherever they live now.

        While a newly linked account waits (``AccountLink``), it reads of earlier claims the
        ordinary ones only, and what it filed itself.
        """
        waits = AccountLink.objects.waiting(user, now())
        filed = self._all_claims().filter(events__name="filed", events__actor=user)
        return self.filter(
            ~Exists(waits) | Q(**ORDINARY) | Q(pk__in=filed.values("pk")), tenant__user=user
        )

    def of_user(self, user: User, today: date) -> "ClaimQuerySet":
        """Return the claims that ``user`` may read on ``today`` (Europe/Paris): own and shared.

        A claim is shared when it is a technical fault of the dwelling that a person has sorted
        (``requests.claims.household``), while the reader and the author both live there under the
        author's lease.
        """
        return self.filter(pk__in=self.keys_of_user(user, today))

    def keys_of_user(self, user: User, today: date) -> models.QuerySet:
        """Return the keys alone of the claims of ``of_user``."""
        stays = Occupancy.objects.of(tenant__user=user).in_force(today)
        return self._either(self._all_claims().own_of(user), self._shared(stays, today))

    def shared_with(self, tenant: Tenant, today: date) -> "ClaimQuerySet":
        """Return the claims of others that ``tenant`` reads, or would with an account."""
        return self._shared(Occupancy.objects.of(tenant=tenant).in_force(today), today)

    def actionable_by(self, user: User, today: date) -> "ClaimQuerySet":
        """Return the claims of ``of_user`` on which ``user`` may write and decide.

        Only the holder of the lease and joint tenants may; other occupants only read.
        """
        stays = Occupancy.objects.of(tenant__user=user).in_force(today).acting()
        either = self._either(self._all_claims().own_of(user), self._shared(stays, today))
        return self.filter(pk__in=either)

    @staticmethod
    def _either(own: "ClaimQuerySet", shared: "ClaimQuerySet") -> models.QuerySet:
        """Return the keys of the claims of both; one union, so that both halves use an index."""
        return own.values("pk").union(shared.values("pk"))

    def _shared(self, stays: models.QuerySet, today: date) -> "ClaimQuerySet":
        """Return the claims that the people of the occupancies ``stays`` share."""
        # An import leaves former leases open: only the author's newest one of this home counts.
        authors = (
            Occupancy.objects.of(tenant=OuterRef("tenant"), lease__dwelling=OuterRef("dwelling"))
            .in_force(today)
            .order_by("-lease__starts", "-lease")
        )
        here_since = stays.filter(
            lease=OuterRef("authors_lease"), starts__lte=OuterRef("filed_at__date")
        )
        return (
            self._all_claims()
            .filter(
                **TECHNICAL_FAULT,
                sorted_at__isnull=False,
                follows__isnull=True,
                dwelling__in=stays.values("lease__dwelling"),
            )
            .annotate(authors_lease=Subquery(authors.values("lease")[:1]))
            .filter(Exists(here_since))
        )

    def of_proxy(self, user: User, today: date) -> "ClaimQuerySet":
        """Return the claims of the tenants whose mandate ``user`` holds on ``today``.

        ``today`` is a date in Europe/Paris.
        Only claims that were open at some time since the mandate began. Confidential claims, and
        those that nobody has sorted yet, only under a mandate whose scope is ``ALL``.
        """
        held = Mandate.objects.held_by(user, today).filter(tenant=OuterRef("tenant"))
        held = held.annotate(
            ended=ExpressionWrapper(OuterRef("ended_at__date"), output_field=DateField())
        ).filter(Q(ended__isnull=True) | Q(ended__gte=F("starts")))
        everything = held.filter(scope=Mandate.Scope.ALL)
        return self.filter(Exists(held), Q(**ORDINARY) | Exists(everything))

    def shared_in(self, building: int, staircase: int | None = None) -> "ClaimQuerySet":
        """Return the open claims about the parts that neighbours share.

        Read them through ``requests.incidents.known_faults`` only. When ``staircase`` is given,
        claims of another staircase are left out. Sensitive claims and "me too" copies are always
        left out.
        """
        rows = self.filter(
            building=building,
            category__collective=True,
            **NOT_CONFIDENTIAL,
            follows__isnull=True,
            state__in=OPEN,
        )
        if staircase:
            rows = rows.filter(Q(staircase__isnull=True) | Q(staircase=staircase))
        return rows

    def in_common_parts(self) -> "ClaimQuerySet":
        """Return the public faults of common parts and residences, open or ended.

        Claims about a dwelling and confidential claims are left out; each fault appears once.
        Read them through ``requests.open311.serializers`` only.
        """
        return self.filter(
            residence__isnull=False,
            dwelling__isnull=True,
            category__collective=True,
            **NOT_CONFIDENTIAL,
            follows__isnull=True,
        ).exclude(category__asset="dwelling")

    def by_token(self, token: str) -> "ClaimQuerySet":
        """Return the claim that the random ``token`` opens; a reference never opens a claim."""
        return self.filter(token=token)


class ClaimManager(ScopedManager[ClaimQuerySet]):
    """The manager of claims: every read names its scope."""

    rows = ClaimQuerySet

    def visible_to(self, membership: Membership | None) -> ClaimQuerySet:
        return self.unscoped_rows().visible_to(membership)

    def share_of(self, membership: Membership | None, share: str) -> ClaimQuerySet:
        return self.unscoped_rows().share_of(membership, share)

    def lent_to(self, unit: int) -> ClaimQuerySet:
        return self.unscoped_rows().lent_to(unit)

    def for_caretaker(self, membership: Membership) -> ClaimQuerySet:
        return self.unscoped_rows().for_caretaker(membership)

    def own_of(self, user: User) -> ClaimQuerySet:
        return self.unscoped_rows().own_of(user)

    def of_user(self, user: User, today: date) -> ClaimQuerySet:
        return self.unscoped_rows().of_user(user, today)

    def by_keys_of_user(self, user: User, today: date) -> ClaimQuerySet:
        """Return the claims of ``of_user``, whose keys are found at once.

        The rule is asked as the landlord, and the policies of its keys alone: in one statement
        they would be planned for every table that the rule names.
        """
        keys = self.system("the policies are asked of these keys").keys_of_user(user, today)
        return self.unscoped_rows().filter(pk__in=list(keys.values_list("pk", flat=True)))

    def actionable_by(self, user: User, today: date) -> ClaimQuerySet:
        return self.unscoped_rows().actionable_by(user, today)

    def shared_with(self, tenant: Tenant, today: date) -> ClaimQuerySet:
        return self.system("who reads this").shared_with(tenant, today)

    def for_caretakers(self) -> ClaimQuerySet:
        return self.system("who reads this").for_caretakers()

    def again(self, found: Iterable[models.Model]) -> ClaimQuerySet:
        """Return the claims that a scope found before in this request, to ask more of them.

        As the landlord: scope and policies have let their keys through already.
        """
        rows = self.system("a scope found them before")
        return rows.filter(pk__in=[claim.pk for claim in found])

    def of_proxy(self, user: User, today: date) -> ClaimQuerySet:
        return self.unscoped_rows().of_proxy(user, today)

    def shared_in(self, building: int, staircase: int | None = None) -> ClaimQuerySet:
        return self.system("what neighbours share").shared_in(building, staircase)

    def in_common_parts(self) -> ClaimQuerySet:
        return self.system("public faults").in_common_parts()

    def by_token(self, token: str) -> ClaimQuerySet:
        return self.system("the link opens it").by_token(token)
