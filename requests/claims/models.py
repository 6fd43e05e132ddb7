"""The claim: its category, place, tenant, owning desk and promised date."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Building, Desk, Dwelling, Residence, Staircase, Unit
from requests.catalogue.kinds import DONE_LABELS
from requests.catalogue.models import Category
from requests.claims.access import ClaimManager, ClaimQuerySet
from requests.claims.household import OWN_PAGES
from requests.kit.choices import STAFF_STATES, Channel, State, Urgency
from tenants.models import Tenant

# What the filters of a list ask for.
ASKED = ["state", "category", "urgency", "channel", "owner", "residence"]
# What the order and the views of open claims ask for besides.
SHOWN = ["danger", "sorted_at", "last_word", "open_incident"]
# What tells the households of an incident, and whether one of its claims changed.
COUNTED = ["dwelling", "tenant", "contact_phone", "version"]


class Claim(models.Model):
    """A tenant's request. Its state is written by requests/claims/transitions.py only.

    ``token`` is random and opens the claim without an account, until the link ends or is renewed
    (requests/claims/links.py); ``reference`` is read aloud and never gives access. ``promise_at``
    is the date of the next news, in UTC.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(_("reference"), max_length=6, unique=True)
    token = models.CharField(max_length=43, unique=True)
    # When the token was made, and who lived in the home then (ids of occupancies): when one of
    # them leaves, the token no longer opens.
    link_made_at = models.DateTimeField(_("link made"), null=True, blank=True)
    link_household = models.JSONField(null=True, blank=True, editable=False)
    link_closed_at = models.DateTimeField(_("link closed"), null=True, blank=True)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    key = models.CharField(_("idempotency key"), max_length=120)
    digest = models.CharField(_("digest of what was filed"), max_length=64)
    category = models.ForeignKey(Category, models.PROTECT, verbose_name=_("category"))
    urgency = models.CharField(_("urgency"), max_length=2, choices=Urgency)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.RECEIVED)
    version = models.PositiveIntegerField(default=1)

    tenant = models.ForeignKey(
        Tenant,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="claims",
        verbose_name=_("tenant"),
    )
    contact_name = models.CharField(_("name given"), max_length=120, blank=True)
    contact_email = models.EmailField(_("e-mail"), blank=True)
    contact_phone = models.CharField(_("phone"), max_length=30, blank=True)
    language = models.CharField(_("language"), max_length=5, default="fr")
    availability = models.JSONField(_("availability"), default=list, blank=True)

    residence = models.ForeignKey(Residence, models.PROTECT, null=True, blank=True)
    building = models.ForeignKey(Building, models.PROTECT, null=True, blank=True)
    staircase = models.ForeignKey(Staircase, models.PROTECT, null=True, blank=True)
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, null=True, blank=True)
    # "Me too": the neighbours' claim about the same shared fault that this one joins.
    follows = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="followers",
        verbose_name=_("also reported by"),
    )
    place_note = models.CharField(_("place"), max_length=200, blank=True)
    words = models.TextField(_("in the tenant’s words"), blank=True)

    owner = models.ForeignKey(
        Desk, models.PROTECT, null=True, blank=True, related_name="claims", verbose_name=_("desk")
    )
    promise_at = models.DateTimeField(_("promised news"), null=True, blank=True)
    visit_at = models.DateTimeField(_("visit"), null=True, blank=True)
    visit_until = models.DateTimeField(_("visit, until"), null=True, blank=True)
    filed_at = models.DateTimeField(_("filed"))
    # The words that may mean a danger, until a person says what the claim is about.
    danger = models.CharField(
        _("danger heard"), max_length=120, blank=True, default="", db_default=""
    )
    # When the tenant was identified; ``filed_at`` is when the claim was reported.
    identified_at = models.DateTimeField(_("tenant recognised"), null=True, blank=True)
    # When a person (the author on our pages, or staff) chose the category; until then only the
    # author reads it (requests/claims/household.py).
    sorted_at = models.DateTimeField(_("sorted"), null=True, blank=True)
    # The author or staff said so; ``is_confidential`` also knows the confidential categories.
    confidential = models.BooleanField(_("confidential"), default=False, db_default=False)
    routed_at = models.DateTimeField(_("routed"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    reopened = models.PositiveSmallIntegerField(_("times reopened"), default=0)
    # Whose desk has it, else whose residence it is; and whose residence it is where that is
    # another. Who wrote last, notes left out. Triggers keep the three (0036_claim_units).
    unit = models.ForeignKey(
        Unit,
        models.DO_NOTHING,
        null=True,
        editable=False,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    beside = models.ForeignKey(
        Unit,
        models.DO_NOTHING,
        null=True,
        editable=False,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    last_word = models.CharField(max_length=4, editable=False, default="", db_default="")
    # The incident that it is under, while that is open; triggers write it (0055_open_incidents).
    open_incident = models.ForeignKey(
        "requests.Incident",
        models.DO_NOTHING,
        null=True,
        editable=False,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    # When it was last handed over, of what was not undone; a trigger writes it (0052_rule_counts).
    handed_over_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Reference, names, place and words without accents; a trigger fills it (0003_inbox).
    search = models.TextField(editable=False, default="", db_default="")

    objects = ClaimManager()
    unscoped = ClaimQuerySet.as_manager()

    class Meta:
        default_manager_name = "unscoped"
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.UniqueConstraint(fields=["channel", "key"], name="claim_filed_once"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="claim_state"),
            models.CheckConstraint(
                condition=Q(visit_until__isnull=True) | Q(visit_until__gte=F("visit_at")),
                name="claim_visit_in_order",
            ),
            models.CheckConstraint(
                condition=Q(routed_at__isnull=True) | Q(owner__isnull=False),
                name="routed_claim_has_owner",
            ),
            models.CheckConstraint(
                condition=Q(follows__isnull=True) | ~Q(follows=models.F("pk")),
                name="claim_follows_another",
            ),
        ]
        indexes = [
            # The open ones are few and sorted anyhow; with the columns that filters ask for the
            # index alone answers, whoever asks.
            models.Index(
                fields=["owner", "promise_at"],
                include=["id", "filed_at", "unit", "beside", *SHOWN, *(ASKED[:4] + ASKED[5:])],
                condition=~Q(state__in=["closed", "refused", "withdrawn", "merged"]),
                name="claim_desk_open",
            ),
            models.Index(fields=["filed_at"], name="claim_filed_at"),
            # What was corrected lately (requests/routing/figures.py).
            models.Index(
                "unit",
                F("handed_over_at").desc(),
                condition=Q(handed_over_at__isnull=False),
                name="claim_handed_over",
            ),
            # The newest of a unit: the API, the search.
            models.Index(fields=["unit", "filed_at", "id"], name="claim_unit_filed"),
            models.Index(
                fields=["beside", "filed_at", "id"],
                condition=Q(beside__isnull=False),
                name="claim_beside_filed",
            ),
            models.Index(
                fields=["unit", "promise_at"],
                include=["id", "filed_at", "beside", *SHOWN, *ASKED],
                condition=~Q(state__in=["closed", "refused", "withdrawn", "merged"]),
                name="claim_open_of_unit",
            ),
            models.Index(
                fields=["beside"],
                include=["id", "unit", "promise_at", "filed_at", *SHOWN, *ASKED],
                condition=Q(beside__isnull=False)
                & ~Q(state__in=["closed", "refused", "withdrawn", "merged"]),
                name="claim_open_beside",
            ),
            # With what the row of an incident counts.
            models.Index(
                fields=["unit", "promise_at"],
                include=["id", "filed_at", "beside", *SHOWN, *ASKED, *COUNTED],
                condition=Q(open_incident__isnull=False)
                & ~Q(state__in=["closed", "refused", "withdrawn", "merged"]),
                name="claim_gathered",
            ),
            # The ended ones stand in the order of their list: a page begins anywhere.
            models.Index(
                "unit",
                F("ended_at").desc(),
                F("id").desc(),
                include=[*ASKED, "beside"],
                condition=Q(state__in=["closed", "refused", "withdrawn", "merged"]),
                name="claim_unit_ended",
            ),
            models.Index(
                "beside",
                F("ended_at").desc(),
                F("id").desc(),
                include=[*ASKED, "unit"],
                condition=Q(beside__isnull=False)
                & Q(state__in=["closed", "refused", "withdrawn", "merged"]),
                name="claim_beside_ended",
            ),
            models.Index(
                F("ended_at").desc(),
                F("id").desc(),
                include=[*ASKED, "unit", "beside"],
                condition=Q(state__in=["closed", "refused", "withdrawn", "merged"]),
                name="claim_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} · {self.reference}"

    @property
    def is_confidential(self) -> bool:
        """Return whether this claim is its author's alone, whatever else would share it."""
        return self.confidential or self.category.sensitive

    @property
    def visit_stands(self) -> bool:
        """Return whether the visit of ``visit_at`` is still to be counted with.

        A cancelled visit, or one of work that is over, keeps its date in the row.
        """
        return self.visit_at is not None and self.state in {State.PLANNED, State.IN_PROGRESS}

    @property
    def written_on_own_pages(self) -> bool:
        """Return whether the author wrote on the portal's own pages, which say who reads it."""
        return self.channel in OWN_PAGES

    @property
    def status_label(self) -> str:
        """Return the state as the tenant reads it: a question is answered, not repaired."""
        if self.state == State.DONE and self.category_id:
            return str(DONE_LABELS.get(self.category.kind, self.get_state_display()))
        return str(self.get_state_display())

    @property
    def staff_label(self) -> str:
        """Return the state as staff read it."""
        return str(dict(STAFF_STATES)[State(self.state)])

    @property
    def spoken_reference(self) -> str:
        """Return the reference in two groups of three characters, as it is read aloud."""
        return f"{self.reference[:3]} {self.reference[3:]}"
