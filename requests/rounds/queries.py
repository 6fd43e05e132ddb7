"""What a caretaker sees of the claims of a building, and what their checks tell the agency.

Of a household: the fault, the door and the visit, never a name or a word. Read only.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from agencies.models import Membership
from requests.catalogue.models import Category
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.dangers.lists import is_danger, order_of_dangers
from requests.kit.choices import OPEN, Channel, State

# One picture for each fault that a caretaker meets on a round: category code, picture, words.
PICTURES = (
    ("COM-01", "electricity", _("Light out")),
    ("COM-03", "water", _("Leak")),
    ("ACC-02", "door", _("Door, lock")),
    ("ASC-02", "lift", _("Lift stopped")),
    ("PRO-03", "clean", _("Bulky waste")),
    ("COM-05", "building", _("Damage")),
    ("NUI-04", "pests", _("Rats")),
    ("EXT-02", "garden", _("Outside")),
)
ELSE = ("ADM-14", "other", _("Something else"))
MOST = 60
CHECKS = (Event.VERIFIED, Event.NOT_VERIFIED)
REPORTED = Event.REPORT_DONE


@dataclass(frozen=True)
class RoundLine:
    """One line of the round. ``words`` and ``note`` are filled for shared parts only."""

    pk: UUID
    what: str
    picture: str
    state: str
    status: str
    where: str
    visit: datetime | None
    words: str
    note: str
    to_check: bool
    danger: bool
    # A new key for the form of this line; the phone makes its own.
    key: UUID

    @property
    def fixed(self) -> dict:
        """Return what the phone sends when the work was seen and is done."""
        return {"kind": "check", "key": self.key, "claim": self.pk, "fixed": "yes"}


def fault_pictures() -> list[tuple[str, str, str]]:
    """Return (category code, picture, words) of those faults that the catalogue still offers."""
    rows = (*PICTURES, ELSE)
    active = set(
        Category.objects.filter(active=True, code__in=[code for code, *_rest in rows]).values_list(
            "code", flat=True
        )
    )
    return [(code, picto, str(words)) for code, picto, words in rows if code in active]


def with_last_check(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """Add ``checked``: the last event of work reported, checked or decided; None without any."""
    last = (
        ClaimEvent.objects.of(claim=OuterRef("pk"))
        .filter(name__in=[REPORTED, Event.ANSWER, Event.KEPT_DONE, *CHECKS])
        .order_by("-at", "-id")
        .values("name")[:1]
    )
    return claims.annotate(checked=Subquery(last))


def claims_of_building(membership: Membership, building: int, now: datetime) -> list[RoundLine]:
    """Return the open claims of a caretaker's building: dangers, to check, visits, the rest."""
    claims = Claim.objects.for_caretaker(membership).filter(building=building, state__in=OPEN)
    rows = with_last_check(claims).select_related("category__family", "dwelling", "staircase")
    seen = [_line(claim, now) for claim in rows.order_by(order_of_dangers(), "-filed_at")[:MOST]]
    far = datetime.max.replace(tzinfo=now.tzinfo)
    return sorted(seen, key=lambda row: (not row.danger, not row.to_check, row.visit or far))


def _line(claim: Claim, now: datetime) -> RoundLine:
    home, shared = claim.dwelling, _shared(claim)
    visit = claim.visit_at if claim.visit_at and claim.visit_at >= now else None
    street = claim.staircase.street if claim.staircase else ""
    if home:
        floor = _("floor %(floor)s") % {"floor": home.floor} if home.floor is not None else ""
        door = _("door %(door)s") % {"door": home.door_label} if home.door_label else ""
        where = [street, floor, door]
    else:
        where = [str(_("Shared parts")) if shared else "", street]
    state = State(claim.state)
    # What we ask of a household is between the household and the landlord.
    status = State.IN_REVIEW if state == State.WAITING_TENANT else state
    return RoundLine(
        pk=claim.pk,
        what=str(claim.category),
        picture=(claim.category.family.picto or "p-other").removeprefix("p-"),
        state=status.value,
        status=str(status.label),
        where=" · ".join(str(part) for part in where if part),
        visit=visit if state != State.DONE else None,
        words=claim.words if shared else "",
        note=claim.place_note if shared else "",
        danger=is_danger(claim),
        to_check=state == State.DONE and claim.checked == REPORTED,
        key=uuid4(),
    )


def _shared(claim: Claim) -> bool:
    """Return whether the claim is about what neighbours share.

    Having no dwelling is not enough: strangers type an address.
    """
    if claim.dwelling_id:
        return False
    return claim.channel == Channel.ROUND or claim.category.asset != "dwelling"


def claims_found_unfinished(membership: Membership) -> QuerySet[Claim]:
    """Return the finished claims that the caretaker last found unfinished; for the agency.

    From the few checks that say so: asked of each finished claim, its events would be looked for.
    """
    said = ClaimEvent.objects.system("what a caretaker found unfinished").filter(
        name=Event.NOT_VERIFIED, claim__state=State.DONE
    )
    keys = set(said.order_by().values_list("claim", flat=True))
    claims = Claim.objects.visible_to(membership).filter(state=State.DONE, pk__in=keys)
    return with_last_check(claims).filter(Exact(F("checked"), Event.NOT_VERIFIED))
