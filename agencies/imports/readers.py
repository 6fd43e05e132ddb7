"""The formats of the stock by name: each turns an opened file into a plan."""

from django.utils.translation import gettext_lazy as _

from agencies.models import Unit

from .addresses import plan_addresses
from .apply import plan_stock
from .ban import read_ban
from .generic import COLUMNS, read_stock
from .kind import Kind
from .plan import Plan, Progress
from .rpls import read_rpls
from .tables import Table


def rpls(
    table: Table,
    *,
    agency: Unit | None = None,
    one_agency: bool = False,
    answers: dict[str, str] | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Plan an import of the national register; ``plan_stock`` explains the arguments."""
    return plan_stock(
        read_rpls(table),
        agency=agency,
        one_agency=one_agency,
        answers=answers,
        progress=progress,
    )


def own(
    table: Table,
    *,
    agency: Unit | None = None,
    one_agency: bool = False,
    answers: dict[str, str] | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Plan an import in our own layout; ``plan_stock`` explains the arguments."""
    return plan_stock(
        read_stock(table),
        agency=agency,
        one_agency=one_agency,
        answers=answers,
        progress=progress,
    )


def ban(table: Table, *, progress: Progress | None = None, **unused) -> Plan:
    """Plan coordinates from the address base; it names no agency."""
    return plan_addresses(read_ban(table), progress=progress)


def own_template() -> list[list[str]]:
    """Return our own layout, to fill in: the column names and one invented dwelling."""
    dwelling = {
        "IDENT_INT": "LGT-0001", "LIEUDIT": "Les Tilleuls", "DEPCOM": "99001", "LIBCOM": "Valmer",
        "CODEPOSTAL": "99000", "NOMVOIE": "rue du Lin", "NUMVOIE": "3", "BAT": "01", "ESC": "1",
        "ETAGE": "2", "NUMAPPT": "21", "NBPIECE": "3", "SURFHAB": "62,5", "CONSTRUCT": "1974",
        "DPEENERGIE": "D", "CODSEGPATRIM": "nord", "LIBSEGPATRIM": "Agence Nord",
    }  # fmt: skip
    return [
        [names[0] for names in COLUMNS.values()],
        [dwelling.get(name, "") for name in COLUMNS],
    ]


RPLS = Kind(
    "rpls",
    _("Register of social dwellings (RPLS)"),
    _("The national file or your own declaration, any year, CSV or XLSX."),
    rpls,
)
OWN = Kind(
    "csv",
    _("Dwellings, in Palier’s own layout"),
    _("CSV or XLSX with one dwelling a line."),
    own,
    own_template,
)
BAN = Kind(
    "ban",
    _("Coordinates from the national address base (BAN)"),
    _("The CSV of your département. It only places the buildings on the map."),
    ban,
)
STOCK = {kind.code: kind.plan for kind in (RPLS, OWN, BAN)}
