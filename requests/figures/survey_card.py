"""What do tenants say when we ask? The card of the last survey on boards; numbers in surveys."""

from django.urls import reverse
from django.utils.translation import gettext as _

from agencies.models import Membership
from requests.figures import charts
from requests.figures.boards import Card, Cell, Head, Said, Table, count, decimal, of_n, percent
from requests.figures.charts import Range
from requests.kit import masks
from requests.surveys import results
from requests.surveys.results import Found
from requests.surveys.results_table import own_unit


def survey(membership: Membership, code: str | None = None) -> Card:
    """Return the card: the landlord as a whole and, beside it, the unit ``code`` if any.

    Without ``code`` it is the member's own unit, or none for those who work for all. One
    statement; nobody's answer is read.
    """
    waves = results.closed()
    unit = code or own_unit(membership)
    found = results.read(waves[0], waves[1] if len(waves) > 1 else None) if waves else []
    shown = [one for one in found if one.mean]
    heads = [Head(_("Question"), number=False), Head(_("All agencies")), Head(_("Interval"))]
    heads += [Head(_("Share of 7 to 10")), Head(_("Answers")), Head(_("Survey before"))]
    if unit:
        heads += [Head(_("This agency")), Head(_("Interval")), Head(_("Answers"))]
    return Card(
        "survey",
        _("What do tenants say when we ask them?"),
        _(
            "Means of 0 to 10 of a random sample with their intervals of 95 per cent; each agency "
            "counts by its homes. A figure of one to four persons is hidden from everybody."
        ),
        Table(
            _("Satisfaction by question, from the last survey"),
            heads,
            [_row(one, unit) for one in shown],
        ),
        _says(shown, waves),
        charts.ranges(
            [_range(one) for one in shown],
            most=10,
            says=_("Mean of each question, 0 to 10"),
        ),
        empty=_("No survey has closed yet."),
    )


def _range(one: Found) -> Range:
    assert one.mean is not None  # only such are drawn
    title = _("%(question)s: %(mean)s, between %(low)s and %(high)s (%(n)s)") % {
        "question": one.text,
        "mean": decimal(one.mean.value),
        "low": decimal(one.mean.low),
        "high": decimal(one.mean.high),
        "n": of_n(one.mean.n),
    }
    return Range(one.text, one.mean.low, one.mean.value, one.mean.high, title, "")


def _mean(mean) -> list[Cell]:
    if mean is None:
        return [Cell(None), Cell(None)]
    words = {"low": decimal(mean.low), "high": decimal(mean.high)}
    return [
        Cell(round(mean.value, 2), decimal(mean.value)),
        Cell(_("%(low)s to %(high)s") % words),
    ]


def _row(one: Found, unit: str | None) -> list[Cell]:
    assert one.mean is not None  # only such are shown
    past = one.before
    before = Cell(round(past.value, 2), decimal(past.value)) if past else Cell(None)
    row = [
        Cell(one.text),
        *_mean(one.mean),
        percent(one.satisfied[0] if one.satisfied else None),
        count(one.mean.n),
        before,
    ]
    if unit:
        group = next((g for g in one.units if g.key == unit), None)
        if group is None or group.hidden:
            few = Cell(_("fewer than %(n)s persons") % {"n": masks.PERSONS}, f"< {masks.PERSONS}")
            row += [Cell(None), Cell(None), few if group else Cell(0)]
        else:
            row += [*_mean(group.mean), count(group.n)]
    return row


def _says(shown: list[Found], waves: list) -> list[Said]:
    if not shown or shown[0].mean is None:
        return []
    first, wave = shown[0], waves[0]
    said = {"mean": decimal(shown[0].mean.value), "n": of_n(shown[0].mean.n)}
    says = [Said(_("%(mean)s of 10 overall (%(n)s).") % said, strong=True)]
    if first.before:
        more = first.mean is not None and first.mean.value > first.before.value
        moved = (
            _("Higher than in the survey before, beyond chance.")
            if more
            else _("Lower than in the survey before, beyond chance.")
        )
        same = _("As in the survey before, give or take chance.")
        says.append(Said(moved if first.changed else same))
    worst = min(shown[1:], key=lambda one: one.mean.value if one.mean else 10, default=None)
    if worst is not None:
        says.append(Said(_("Lowest: %(question)s.") % {"question": worst.text.rstrip(" ?.")}))
    rates = results.summed(wave.results.get("rates", []))
    if rates and rates[0].asked:
        words = _("%(share)s of those asked answered.")
        rate = words % {"share": rates[0].said}
        says.append(Said(rate, reverse("surveys:survey", args=[wave.pk])))
    return says
