"""Find places by what a person types: residence, building, street door, home, equipment.

Each look is a small statement of its own, served by an index and limited. What is given is
narrowed to what the reader may see; a look only narrows it further.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from agencies.access import caretaker_buildings, filter_by_stock
from agencies.addresses import SHORT
from agencies.models import Building, Dwelling, Equipment, Membership, Residence, Staircase
from portal import typos
from portal.access import DESK_ROLES, Role
from portal.text import LikeAny, PlainWords, search_words

# Words that only say what kind of place follows: « rés. Iberia, bât. B, porte 12 ».
LABELS = frozenset(
    {
        *("res", "residence", "bat", "batiment", "building", "esc", "escalier", "staircase"),
        *("appt", "appartement", "logement", "dwelling", "porte", "door", "etage", "floor", "no"),
    }
)
MORE = {"bvd": "boulevard", "qu": "quai", "fg": "faubourg", "fbg": "faubourg", "pt": "pont"}
SPELLINGS: dict[str, set[str]] = {}
for short, full in {**SHORT, **MORE}.items():
    SPELLINGS.setdefault(full, {full}).add(short)
# Residences among whose addresses the rest of the words is looked for.
MOST_AROUND = 200


def spellings(word: str) -> list[str]:
    """Return a typed word, and its full and short forms in addresses: « bd », « boulevard »."""
    full = {**SHORT, **MORE}.get(word, word)
    return sorted(SPELLINGS.get(full, {full}) | {word})


def place_words(text: str) -> list[str]:
    """Return the plain words of an address, without those that only say what kind it is."""
    words = search_words(text)
    return [word for word in words if word not in LABELS] or words


def holds(column: str, word: str) -> Q:
    """Return the condition that ``column`` (plain text) has the word, in one of its spellings.

    Numbers and short forms count as whole words, other short words as beginnings: « 3 » is not
    in « 33 », « st » not in « Ernest ».
    """
    found = Q()
    for spelling_ in spellings(word):
        if len(spelling_) > 3 and not spelling_.isdigit():
            found |= Q(**{f"{column}__contains": spelling_})
        elif spelling_ != word or spelling_.isdigit() or spelling_ in SHORT:
            found |= Q(**{column: spelling_}) | Q(**{f"{column}__startswith": f"{spelling_} "})
            found |= Q(**{f"{column}__contains": f" {spelling_} "})
            found |= Q(**{f"{column}__endswith": f" {spelling_}"})
        else:
            found |= Q(**{f"{column}__startswith": spelling_})
            found |= Q(**{f"{column}__contains": f" {spelling_}"})
    return found


def _all(column: str, words: Iterable[str]) -> Q:
    found = Q()
    for word in words:
        found &= holds(column, word)
    return found


def _nearly(column: str, words: Iterable[str]) -> Q:
    """Return the same, a slip allowed in each word."""
    found = Q()
    for word in words:
        near = holds(column, word)
        if shapes := typos.patterns(word):
            near |= Q(LikeAny(column, shapes))
        found &= near
    return found


def is_close(words: Iterable[str], text: str) -> bool:
    """Return whether each word stands in ``text`` (plain), with a slip at most."""
    known = search_words(text, most=60)
    return all(
        any(typos.is_near(other, one) for one in known for other in spellings(word))
        for word in words
    )


class Stock:
    """The places that a member sees: all of them, those of the unit, or a caretaker's buildings."""

    def __init__(self, membership: Membership | None) -> None:
        self.membership = membership
        role = membership.role if membership else None
        self.caretaker = role == Role.CARETAKER
        self.none = role not in DESK_ROLES and not self.caretaker

    def _rows(self, rows: QuerySet, building: str, residence: str) -> QuerySet:
        """Narrow ``rows``; the paths lead to the building and to the residence."""
        if self.none:
            return rows.none()
        if self.caretaker:
            own = caretaker_buildings(self.membership).order_by()
            if building:
                return rows.filter(**{f"{building}__in": own})
            return rows.filter(pk__in=own.values("residence"))
        return filter_by_stock(rows, self.membership, f"{residence}__unit" if residence else "unit")

    def residences(self) -> QuerySet[Residence]:
        """Return the residences, those with a building of the caretaker's for a caretaker."""
        return self._rows(Residence.objects.all(), "", "")

    def buildings(self) -> QuerySet[Building]:
        """Return the buildings."""
        return self._rows(Building.objects.select_related("residence"), "pk", "residence")

    def staircases(self) -> QuerySet[Staircase]:
        """Return the street doors."""
        rows = Staircase.objects.select_related("building__residence")
        return self._rows(rows, "building", "building__residence")

    def dwellings(self) -> QuerySet[Dwelling]:
        """Return the homes."""
        rows = Dwelling.objects.select_related("staircase__building__residence")
        return self._rows(rows, "staircase__building", "staircase__building__residence")

    def equipment(self) -> QuerySet[Equipment]:
        """Return the equipment."""
        rows = Equipment.objects.select_related("building__residence", "staircase")
        return self._rows(rows, "building", "building__residence")


@dataclass
class Places:
    """What was found, the wider place first; ``near``: only with a slip."""

    residences: list[Residence]
    buildings: list[Building]
    staircases: list[Staircase]
    dwellings: list[Dwelling]
    near: bool = False

    def __bool__(self) -> bool:
        return bool(self.residences or self.buildings or self.staircases or self.dwellings)


def _by_name(rows: QuerySet[Residence]) -> QuerySet[Residence]:
    return rows.annotate(plain=PlainWords("name", "postcode", "commune")).order_by("name", "pk")


def _by_street(rows: QuerySet[Staircase]) -> QuerySet[Staircase]:
    return rows.annotate(plain=PlainWords("street")).order_by("street", "pk")


def find(stock: Stock, text: str, most: int) -> Places:
    """Return the places that hold every word of ``text``, at most ``most`` of each kind."""
    words = place_words(text)
    if not words or stock.none:
        return Places([], [], [], [])
    found = Places(
        list(_by_name(stock.residences()).filter(_all("plain", words))[:most]),
        _buildings(stock, words, most),
        staircases(stock, words, most),
        _dwellings(stock, text, words, most),
    )
    return found or _near(stock, words, most)


def staircases(stock: Stock, words: list[str], most: int) -> list[Staircase]:
    """Return street doors: the words in the street, or in street and residence together."""
    rows = _by_street(stock.staircases())
    found = list(rows.filter(_all("plain", words))[:most])
    around = _around(stock, words)
    if len(found) < most and around:
        wide = stock.staircases().filter(building__residence__in=around)
        place = PlainWords(
            "street",
            "building__code",
            "building__residence__name",
            "building__residence__postcode",
            "building__residence__commune",
        )
        wide = wide.annotate(plain=place).exclude(pk__in=[row.pk for row in found])
        found += wide.filter(_all("plain", words)).order_by("street", "pk")[: most - len(found)]
    return found


def _around(stock: Stock, words: list[str]) -> list[int]:
    """Return residences whose name or commune has one of the words, when others remain."""
    named = Q()
    for word in words:
        if len(word) > 2 and not word.isdigit() and word not in SPELLINGS and word not in SHORT:
            named |= holds("plain", word)
    if len(words) < 2 or not named:
        return []
    rows = _by_name(stock.residences()).filter(named)
    return list(rows.values_list("pk", flat=True)[:MOST_AROUND])


def _buildings(stock: Stock, words: list[str], most: int) -> list[Building]:
    """Return buildings by residence and code: « Iberia B »."""
    *name, code = words
    if not name:
        return []
    residences = _by_name(stock.residences()).filter(_all("plain", name))
    keys = list(residences.values_list("pk", flat=True)[:MOST_AROUND])
    if not keys:
        return []
    rows = stock.buildings().filter(residence__in=keys, code__iexact=code)
    return list(rows.order_by("residence__name", "code", "pk")[:most])


def _dwellings(stock: Stock, text: str, words: list[str], most: int) -> list[Dwelling]:
    """Return homes: by reference, or by address and door, « 33 bd des Bateliers, A-31 »."""
    given = " ".join(text.split())
    exact = stock.dwellings().filter(natural_key__in={given, given.upper()})
    found = list(exact[:most])
    typed = given.replace(",", " ").split()
    if found or len(typed) < 2:
        return found
    stairs = staircases(stock, place_words(" ".join(typed[:-1])), MOST_AROUND)
    rows = stock.dwellings().filter(staircase__in=stairs, door__iexact=typed[-1])
    return list(rows.order_by("staircase__street", "floor", "pk")[:most]) if stairs else []


def _near(stock: Stock, words: list[str], most: int) -> Places:
    """Return residences and street doors with a slip in a word; nothing that is not close."""
    residences = _by_name(stock.residences()).filter(_nearly("plain", words))[:MOST_AROUND]
    streets = _by_street(stock.staircases()).filter(_nearly("plain", words))[:MOST_AROUND]
    return Places(
        [row for row in residences if is_close(words, row.plain)][:most],
        [],
        [row for row in streets if is_close(words, row.plain)][:most],
        [],
        near=True,
    )


def find_equipment(rows: QuerySet[Equipment], text: str, most: int) -> list[Equipment]:
    """Return equipment of ``rows`` by label, label and place, or the code on its sticker."""
    words = place_words(text)
    if not words:
        return []
    code = words[0].upper() if len(words) == 1 else ""
    if len(code) == 8 and (found := list(rows.filter(label_code=code)[:1])):
        return found
    by_label = rows.annotate(plain=PlainWords("label")).filter(_all("plain", words))
    found = list(by_label.order_by("label", "pk")[:most])
    if len(found) < most and len(words) > 1:
        label = rows.annotate(plain=PlainWords("label"))
        one = Q()
        for word in words:
            one |= holds("plain", word)
        place = PlainWords("label", "building__code", "building__residence__name")
        label = label.filter(one).annotate(whole=place).exclude(pk__in=[row.pk for row in found])
        found += label.filter(_all("whole", words)).order_by(F("label"), "pk")[: most - len(found)]
    return found
