"""Long lists in windows: a page begins anywhere by its key, and nothing counts beyond a thousand.

A window is at most ``MOST`` keys in the order of an index, from the beginning or after a place that
the address names (``from``). It is cut into numbered pages; its last page leads to the next window.
So the deepest page reads as much as the first one, however long the list is. A number beyond
``MOST`` is told as « 1,000+ »: counting a million rows, or keeping counters that every filing of
all agencies has to lock, costs more than the number says.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.formats import number_format

from portal.list_order import Term, behind, terms

MOST = 1000
FROM = "from"
PAGE = "page"
LONGEST = 2000  # characters of a place in an address


def place(*values: Any) -> str:
    """Return the name of a place in a list: the values by which it is ordered there."""
    told = json.dumps([_told(value) for value in values], ensure_ascii=False)
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def _told(value: Any) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, datetime) else str(value)


def moment(text: str) -> datetime:
    """Return the aware moment of a place. Raises ValueError."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or not 1900 < found.year < 9000:
        raise ValueError(text)
    return found


def number(text: str) -> int:
    """Return the number or key of a place. Raises ValueError below 0 and beyond eight bytes."""
    found = int(text)
    if not 0 <= found < 2**63:
        raise ValueError(text)
    return found


def place_of(request: HttpRequest, *kinds: Callable[[str], Any]) -> tuple | None:
    """Return the values of the place that the address names; None for the beginning.

    ``kinds`` read the values (``moment``, ``number``, ``UUID``) and raise ValueError for what no
    list gave out; a place that is none of this list is its beginning, as a link from elsewhere
    still opens.
    """
    given = request.GET.get(FROM, "")[:LONGEST]
    try:
        told = json.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
        if not isinstance(told, list) or len(told) != len(kinds):
            return None
        if not all(value is None or isinstance(value, str) for value in told):  # as ``place``
            return None
        return tuple(kind(value) for kind, value in zip(kinds, told, strict=True))
    except (ValueError, TypeError, binascii.Error, ValidationError):
        return None


def after(rows: QuerySet, fields: Sequence[str], values: Sequence[Any]) -> QuerySet:
    """Return the rows behind ``values`` in the order of ``fields``: all rising, or all "-" falling.

    One comparison of rows, which an index on the fields answers; none of them may be empty.
    """
    return behind(rows, [Term.of_column(name) for name in fields], values)


def merged(
    shares: Sequence[QuerySet], order: Sequence[str], behind: tuple | None, most: int
) -> list[tuple]:
    """Return the first ``most`` rows of all ``shares``, those ``behind`` a place, as tuples.

    ``order`` is a falling moment and the key. The shares may overlap; each is read in the order of
    its index, where their OR would sort all of them.
    """
    names = [name.lstrip("-").replace("pk", "id") for name in order]
    first, *rest = (
        (after(share, order, behind) if behind else share)
        .select_related(None)
        .order_by(*order)
        .values_list(*names)[:most]
        for share in shares
    )
    found = set(first.union(*rest, all=True) if rest else first)
    return sorted(found, reverse=True)[:most]


class Window(Paginator):
    """Up to ``most`` objects, ``MOST`` unless told, in pages; ``behind`` names the next window."""

    def __init__(
        self,
        objects: Sequence,
        per_page: int,
        *,
        begun: str = "",
        behind: str = "",
        most: int | None = None,
    ) -> None:
        super().__init__(objects, per_page)
        self.most = most or MOST
        self.begun = begun  # the place after which the window begins; "" for the beginning
        self.behind = behind

    @property
    def more(self) -> bool:
        """Return whether there are more than are counted."""
        return bool(self.begun or self.behind)

    @property
    def told(self) -> str:
        """Return the number of rows as people read it: « 12 », or « 1,000+ » where more follow."""
        number = number_format(self.most if self.more else self.count, force_grouping=True)
        return f"{number}+" if self.more else number


def page(
    request: HttpRequest,
    rows: QuerySet,
    per_page: int,
    *,
    shown: QuerySet | None = None,
    most: int | None = None,
) -> Page:
    """Return the page of ``rows`` that the address names, in their own order and then by key.

    The keys of the window are read first, so that an index alone may answer; then what the page
    shows: of ``shown``, where that narrows further by what is too much for a whole window. The rows
    of the page are a list. ``most``: keys of a window, where the order reads more than an index.
    """
    most = most or MOST
    order = terms(rows)
    keyed = rows.alias(**{term.name: term.expression for term in order}).order_by(
        *(term.ordering for term in order)
    )
    fields = [keyed.query.annotations[term.name].output_field for term in order]
    began = place_of(request, *(_reader(field) for field in fields))
    keys = list(
        (behind(keyed, order, began) if began else keyed)
        .annotate(**{f"{term.name}_": F(term.name) for term in order})
        .values_list(*(f"{term.name}_" for term in order))[: most + 1]
    )
    paginator = Window(
        [key[-1] for key in keys[:most]],
        per_page,
        begun=place(*began) if began else "",
        behind=place(*keys[most - 1]) if len(keys) > most else "",
        most=most,
    )
    found = paginator.get_page(request.GET.get(PAGE))
    at = {key: number for number, key in enumerate(found.object_list)}
    whole = rows if shown is None else shown
    found.object_list = sorted(
        whole.filter(pk__in=list(at)) if at else (), key=lambda row: at[row.pk]
    )
    return found


def page_of_list(request: HttpRequest, rows: Sequence, per_page: int) -> Page:
    """Return the page of what is in memory anyway. Raises TypeError for a query: see ``page``."""
    if isinstance(rows, QuerySet):
        raise TypeError("page() reads a query in windows")
    return Window(rows, per_page).get_page(request.GET.get(PAGE))


def kept(given: QueryDict) -> str:
    """Return the query of an address without its page: what the links of other pages keep."""
    rest = given.copy()
    for name in (PAGE, FROM):
        rest.pop(name, None)
    return rest.urlencode()


def _reader(field: Any) -> Callable[[Any], Any]:
    """Return what reads a value of ``field`` in a place; it raises for what no list gave out."""

    def read(told: Any) -> Any:
        if told is None:
            return None
        if not isinstance(told, str) or "\0" in told:
            raise ValueError(told)
        if field.get_internal_type() == "DateTimeField":
            return moment(told)
        value = field.to_python(told)
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise ValueError(told)
        return value

    return read
