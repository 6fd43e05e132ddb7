"""What breaks where: a heat table of families and residences, and buildings where faults repeat."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from django.utils.translation import gettext as _

from agencies.models import Building, Residence
from requests.catalogue.models import Family
from requests.figures import charts
from requests.figures.boards import Card, Cell, Head, Said, Table, claims, count, inner, rate
from requests.figures.cards import behind
from requests.figures.cube import periods
from requests.figures.fact_models import By
from requests.figures.forms import Choice
from requests.figures.measures import DEFINITIONS, Measure

MOST_PLACES, MOST_FAMILIES, MOST_BUILDINGS = 8, 6, 8
REPEATED = 3  # claims of one family in one building that make it a repetition


# How often each value of a sum was counted in a span, by ``one``.
COUNTED = """
SELECT r.one, v.value, sum(v.n) AS total
FROM requests_rollup r CROSS JOIN LATERAL unnest(r."values", r.counts) AS v(value, n)
WHERE r."by" = %(by)s AND r.period = ANY(%(periods)s) AND r.measure = 'received'
    AND (%(units)s::bigint[] IS NULL OR r.unit = ANY(%(units)s))
    AND (%(neighbourhood)s = '' OR v.value IN (
        SELECT {place}.id FROM agencies_residence residence {more}
        WHERE residence.district = %(neighbourhood)s))"""
OF_RESIDENCES = COUNTED.format(place="residence", more="")
OF_BUILDINGS = COUNTED.format(
    place="building", more="JOIN agencies_building building ON building.residence_id = residence.id"
)
# The residences with most claims, each once for each family; what breaks there is few facts.
PLACES = f"""
WITH most AS ({OF_RESIDENCES} AND r.one = %(family)s
    GROUP BY 1, 2 HAVING sum(v.n) > 0 ORDER BY total DESC, v.value LIMIT {MOST_PLACES})
SELECT residence.id, residence.name, f.family, sum(f.n) AS total,
    coalesce((SELECT dwellings FROM requests_stockcount s WHERE s.residence = residence.id), 0)
        AS homes
FROM agencies_residence residence JOIN requests_fact f ON f.residence = residence.id
WHERE residence.id = ANY(ARRAY(SELECT value FROM most)) AND f.measure = 'received'
    AND f.day BETWEEN %(first)s AND %(last)s AND (%(family)s = '' OR f.family = %(family)s)
    AND (%(units)s::bigint[] IS NULL OR f.unit = ANY(%(units)s))
GROUP BY 1, 2, 3"""  # noqa: S608 - ours
BUILDINGS = f"""
WITH most AS ({OF_BUILDINGS} AND (%(family)s = '' OR r.one = %(family)s)
        AND (%(channel)s = '' OR r.two = %(channel)s)
    GROUP BY 1, 2 HAVING sum(v.n) >= {REPEATED}
    ORDER BY total DESC, v.value, r.one LIMIT {MOST_BUILDINGS})
SELECT building.id, building.code, residence.name, most.one AS family, most.total
FROM most JOIN agencies_building building ON building.id = most.value
JOIN agencies_residence residence ON residence.id = building.residence_id
ORDER BY most.total DESC, most.value, most.one"""  # noqa: S608 - ours


def _most(choice: Choice, by: By) -> dict[str, object]:
    return {
        "by": by.value,
        "periods": periods(choice.span),
        "units": None if choice.units is None else list(choice.units),
        "neighbourhood": choice.neighbourhood,
        "family": choice.family,
        "channel": choice.channel,
    }


def _most_places(choice: Choice) -> tuple[str, dict[str, object]]:
    """Return the statement for the residences with most claims, and its values."""
    span = choice.span
    return PLACES, _most(choice, By.PLACE) | {"first": span.first, "last": span.last}


def _most_buildings(choice: Choice) -> tuple[str, dict[str, object]]:
    """Return the statement for the buildings with a repeated fault, and its values."""
    return BUILDINGS, _most(choice, By.BUILDING)


def heat(choice: Choice, families: Mapping[str, Family]) -> Card:
    """What breaks, and where? Claims of the residences that reported most, by family."""
    cells: dict[str, Counter[str]] = defaultdict(Counter)
    whole: Counter[str] = Counter()
    names: dict[str, tuple[str, int]] = {}
    for row in Residence.objects.raw(*_most_places(choice)):
        key = str(row.pk)
        cells[key][row.family] += row.total
        whole[row.family] += row.total
        names[key] = (row.name, row.homes)
    codes = [code for code, _n in whole.most_common(MOST_FAMILIES)]
    top = max((cells[place][code] for place in cells for code in codes), default=0)
    keys = sorted(cells, key=lambda key: names[key])
    lines = []
    worst: tuple[int, str, str] = (0, "", "")
    for key in keys:
        name, homes = names[key]
        line = [Cell(name, href=behind(choice, Measure.RECEIVED, residence=key))]
        line.append(rate(cells[key].total(), homes))
        for code in codes:
            number = cells[key][code]
            href = behind(choice, Measure.RECEIVED, residence=key, family=code)
            look = f"heat--{charts.shade(number, top)}"
            line.append(count(number, href if number else "", look))
            label = inner(str(families[code])) if code in families else code
            worst = max(worst, (number, label, name))
        lines.append(line)
    says = []
    if worst[0]:
        said = {"name": worst[2], "family": worst[1], "claims": claims(worst[0])}
        says.append(Said(_("%(name)s, %(family)s: %(claims)s.") % said, strong=True))
    heads = [Head(_("Residence"), number=False), Head(_("per 100 dwellings"))]
    heads += [Head(str(families[code]) if code in families else code) for code in codes]
    return Card(
        "places",
        _("What breaks, and where?"),
        _("The residences with most claims and what they were about. %(more)s All channels.")
        % {"more": DEFINITIONS[Measure.RECEIVED]},
        Table(_("Claims by residence and family"), heads, lines),
        says,
        size=2,
        open_table=True,
        empty=_("Nothing came in in this period."),
    )


def buildings(choice: Choice, families: Mapping[str, Family]) -> Card:
    """Which buildings repeat? The same kind of fault three times or more in the period."""
    repeated = Building.objects.raw(*_most_buildings(choice))
    lines = [
        [
            Cell(_("%(residence)s, building %(code)s") % {"residence": row.name, "code": row.code}),
            Cell(str(families[row.family]) if row.family in families else row.family),
            count(row.total, behind(choice, Measure.RECEIVED, building=row.pk, family=row.family)),
        ]
        for row in repeated
    ]
    says = []
    if lines:
        place, family, number = lines[0]
        words = _("%(name)s, %(family)s: %(claims)s.")
        said = {"name": place.value, "family": inner(str(family.value))}
        said["claims"] = claims(int(number.value or 0))
        says.append(Said(words % said, number.href, strong=True))
    return Card(
        "buildings",
        _("Which buildings repeat?"),
        _("The same family of faults at least %(number)s times in one building.")
        % {"number": REPEATED},
        Table(
            _("Repeated faults, most first"),
            [
                Head(_("Building"), number=False),
                Head(_("Family"), number=False),
                Head(str(Measure.RECEIVED.label)),
            ],
            lines,
        ),
        says,
        open_table=True,
        empty=_("No fault repeated in this period."),
    )
