"""Pure: the views that other tools read, and what each column means.

One dictionary for the views' SQL (``views.py``), the API, the files and docs/reporting.md. Every
line of a view counts claims, orders or homes of a unit; none is about one of them.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Column:
    """One column: ``kind`` is date, text, count, number or money; ``about`` its definition."""

    name: str
    kind: str
    about: "StrOrPromise"

    @property
    def term(self) -> SafeString:
        """Return the name as pages show it: English in every language, for machines."""
        return format_html('<code lang="en">{}</code>', self.name)


@dataclass(frozen=True)
class Dataset:
    """One view. ``period`` is the column by which a period is asked for; "" for a state of now."""

    name: str
    title: "StrOrPromise"
    about: "StrOrPromise"
    columns: tuple[Column, ...]
    period: str = ""

    @property
    def view(self) -> str:
        """Return the name of the view in PostgreSQL."""
        return f"report_{self.name}"

    @property
    def heads(self) -> list[str]:
        """Return the names of the columns, in their order."""
        return [column.name for column in self.columns]

    @property
    def keys(self) -> list[str]:
        """Return the columns by which lines are told apart, in the order of sorting."""
        return [column.name for column in self.columns if column.kind in ("date", "text")]


MONTH = Column("month", "date", _("First day of the month, in the unit’s own time."))
UNIT = Column(
    "unit",
    "text",
    _("Code of the agency that looks after the place; of the desk where no place is known."),
)
FAMILY = Column("family", "text", _("Code of the family of the catalogue."))
CHANNEL = Column("channel", "text", _("Channel by which it came."))
URGENCY = Column("urgency", "text", _("Class of urgency, U0 to U5 and A1 to A4."))


def _count(name: str, about: "StrOrPromise") -> Column:
    """Return a column that counts."""
    return Column(name, "count", about)


def _by_month(
    name: str, title: "StrOrPromise", about: "StrOrPromise", columns: tuple[Column, ...]
) -> Dataset:
    """Return a view with a line for each month and unit, told apart further by ``columns``."""
    return Dataset(name, title, about, (MONTH, UNIT, *columns), "month")


DATASETS = (
    _by_month(
        "claims_month",
        _("Requests by month of filing"),
        _("What was filed in a month, and what has become of it until now."),
        (
            FAMILY,
            CHANNEL,
            URGENCY,
            _count("filed", _("Requests filed in the month, whatever became of them.")),
            _count("ended", _("Of these: closed, refused, withdrawn or merged by now.")),
            _count("refused", _("Of these: refused.")),
            _count("withdrawn", _("Of these: withdrawn by the tenant.")),
            _count("merged", _("Of these: merged with another request of the person.")),
            _count("reopened", _("Of these: reopened at least once.")),
            Column(
                "median_hours",
                "number",
                _("Median hours from filing to the end, of those that ended and were not merged."),
            ),
            Column("ninth_decile_hours", "number", _("Hours within which nine in ten ended.")),
        ),
    ),
    Dataset(
        "open_claims",
        _("Open requests now"),
        _("What is open at the moment of asking, and how much of it is past its promise."),
        (
            UNIT,
            FAMILY,
            Column("state", "text", _("State of the request (docs/lifecycle.md).")),
            URGENCY,
            _count("open", _("Requests neither closed, refused, withdrawn nor merged.")),
            _count("late", _("Of these: the promised date of the next news has passed.")),
        ),
    ),
    _by_month(
        "promises_month",
        _("Promises by month of their date"),
        _("Dates that were promised: kept, not kept, or replaced before they came."),
        (
            Column("kind", "text", _("What was promised.")),
            URGENCY,
            _count("due", _("Promises whose date lies in the month and has passed.")),
            _count("kept", _("Of these: kept on the date or before.")),
            _count("not_kept", _("Of these: not kept on the date, even if kept later.")),
            _count("replaced", _("Of these: replaced or void before the date.")),
        ),
    ),
    _by_month(
        "satisfaction_month",
        _("What tenants say, by month"),
        _("Answers to “Are you satisfied?” on a scale of four."),
        (
            CHANNEL,
            _count("answers", _("Answers given in the month.")),
            _count("satisfied", _("Of these: “rather good” or “very good”.")),
            _count("score_sum", _("Sum of the scores, from 1 to 4 each.")),
        ),
    ),
    _by_month(
        "orders_month",
        _("Orders by month"),
        _("Orders to companies that were made in a month, and what has become of them."),
        (
            FAMILY,
            _count("orders", _("Orders made in the month.")),
            _count("emergency", _("Of these: emergencies.")),
            _count("done", _("Of these: reported as done.")),
            Column("amount", "money", _("Sum of their amounts, in euros, without tax.")),
        ),
    ),
    Dataset(
        "stock",
        _("Homes and equipment by unit"),
        _("What rates are divided by."),
        (
            UNIT,
            _count("residences", _("Residences.")),
            _count("buildings", _("Buildings.")),
            _count("dwellings", _("Dwellings.")),
            _count("equipment", _("Pieces of equipment on record.")),
        ),
    ),
)
BY_NAME = {dataset.name: dataset for dataset in DATASETS}
