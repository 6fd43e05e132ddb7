"""From a request to a board: what it asks for, for whom, and what the page says beside."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.http import Http404, HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.http_types import StaffRequest
from agencies.models import Membership
from portal.access import Role
from portal.clock import now
from portal.database.together import ask_together
from requests.catalogue.models import Family
from requests.figures import agency, head_office, units
from requests.figures.boards import Board
from requests.figures.fact_models import FigureClock
from requests.figures.forms import USUAL, Choice, FiguresForm
from requests.figures.models import Digest, SavedBoard
from requests.figures.period import LEAD
from requests.figures.units import Place


@dataclass(frozen=True)
class Asked:
    """What a request asks of figures. ``own``: the unit that the member is bound to, if any.

    ``beside``: what the member keeps (``saved``) and wants (``digest``), when figures were
    ``counted``.
    """

    membership: Membership
    moment: datetime
    form: FiguresForm
    choice: Choice
    families: dict[str, Family]
    places: list[Place]
    own: int | None
    beside: dict[str, Any]

    @property
    def place(self) -> Place | None:
        """Return the one unit that is spoken of; None for all."""
        wanted = self.choice.units[0] if self.choice.units else None
        return next((place for place in self.places if place.unit.pk == wanted), None)


def last_day(membership: Membership, moment: datetime) -> date:
    """Return the last day that the member sees figures of.

    Agencies see today; head office what every agency could see, and explain, for two whole days.
    """
    today = timezone.localdate(moment)
    return today - LEAD if membership.role == Role.HEAD_OFFICE else today


def ask(request: StaffRequest) -> Asked:
    """Return what is asked, for the member of the request. Raises Http404 for a foreign unit."""
    return asked(request.membership, request.GET, now())


def asked(membership: Membership, query: QueryDict, moment: datetime) -> Asked:
    """Return what ``query`` asks for. Raises Http404 for a unit that is not the member's."""
    all_families, all_units, homes, (beside,) = ask_together(
        Family.objects.all(), *units.asked(membership), _beside(membership)
    )
    if beside["counted"]:
        beside["counted"] = datetime.fromisoformat(beside["counted"])
    families = {family.code: family for family in all_families}
    places = units.of_rows(all_units, homes)
    own = units.scope(membership)
    areas = sorted({area for place in places for area in place.homes if area})
    given = query.copy() if set(query) & set(FiguresForm.base_fields) else None
    if given and not (given.get("days") or given.get("since") or given.get("until")):
        given["days"] = str(USUAL)
    if given and own and given.get("unit") not in (None, "", places[0].unit.code):
        raise Http404
    form = FiguresForm(
        given,
        families=families.values(),
        units=[] if own else [place.unit for place in places],
        neighbourhoods=areas,
        last=last_day(membership, moment),
    )
    choice = form.chosen()
    if not form.is_bound:
        form.initial = {"days": choice.query["days"]}
    if own:
        rest = {name: value for name, value in choice.query.items() if name != "unit"}
        choice = replace(choice, unit=places[0].unit, units=(own,), query=rest)
    if area := choice.neighbourhood:
        places = [replace(place, homes={area: place.homes.get(area, 0)}) for place in places]
    return Asked(membership, moment, form, choice, families, places, own, beside)


def _beside(membership: Membership) -> QuerySet:
    kept = SavedBoard.objects.filter(membership=OuterRef("pk")).order_by("name")
    return Membership.objects.filter(pk=membership.pk).values(
        saved=ArraySubquery(kept.values(json=JSONObject(pk="pk", name="name"))),
        digest=Exists(Digest.objects.filter(membership=OuterRef("pk"))),
        counted=Subquery(FigureClock.objects.values("at")[:1]),
    )


def customers(asked: Asked) -> Board:
    """Return the board of the customer direction."""
    return head_office.customers(
        asked.membership, asked.choice, asked.moment, asked.places, asked.families
    )


def stock(asked: Asked) -> Board:
    """Return the board of the stock direction."""
    return head_office.stock(
        asked.membership, asked.choice, asked.moment, asked.places, asked.families
    )


def of_agency(asked: Asked) -> Board:
    """Return the board of an agency; of all together for those who work for all."""
    return agency.board(asked.membership, asked.choice, asked.moment, asked.place, asked.families)


def title_of(asked: Asked) -> str:
    """Return of whom the board speaks."""
    return asked.place.unit.name if asked.place else _("All agencies")


def address(request: HttpRequest) -> str:
    """Return the address as it is recorded."""
    return request.get_full_path()
